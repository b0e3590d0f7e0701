"""The words of the pictures in each language of the interface; a test compares the key sets."""

from typing import Final

LANGUAGES: Final = {"zh-Hans": "简体中文", "zh-Hant": "繁體中文", "en": "English"}

FALLBACKS: Final = {
    "zh-Hans": ("zh-hans", "zh-cn", "zh-hant", "zh", "en"),
    "zh-Hant": ("zh-hant", "zh-tw", "zh-hans", "zh", "en"),
    "en": ("en", "zh-hans", "zh-hant", "zh"),
}
"""Language tags by preference, lower-case as the engine stores them; any other tag comes after."""

_COLUMNS: Final = tuple(LANGUAGES)

# key: zh-Hans | zh-Hant | en
_TABLE: Final = """
network: 产业网络 | 產業網絡 | Network
lanes_title: {name}：环节与企业 | {name}：環節與企業 | {name}: segments and enterprises
flow_title: {name}：上下游关系 | {name}：上下游關係 | {name}: suppliers and customers
enterprise: 企业 | 企業 | Enterprise
segment: 环节 | 環節 | Segment
chain: 产业链 | 產業鏈 | Chain
place: 地点 | 地點 | Place
investor: 投资机构 | 投資機構 | Investor
policy: 政策与认定 | 政策與認定 | Policy, tier
item: 产品与技术 | 產品與技術 | Product
other: 其他 | 其他 | Other
legend: 图例 | 圖例 | Legend
no_stage: 阶段未记录 | 階段未記錄 | Stage not recorded
no_segment: 环节未记录 | 環節未記錄 | Segment not recorded
suppliers: 供应商（{n}） | 供應商（{n}） | Suppliers ({n})
customers: 客户（{n}） | 客戶（{n}） | Customers ({n})
no_suppliers: 供应商：未记录 | 供應商：未記錄 | Suppliers: not recorded
no_customers: 客户：未记录 | 客戶：未記錄 | Customers: not recorded
more: 另有 {n} 家 | 另有 {n} 家 | another {n}
more_things: 另有 {n} 项 | 另有 {n} 項 | another {n}
more_segments: 另有 {n} 个环节未画出 | 另有 {n} 個環節未畫出 | another {n} segments not drawn
shown: 显示 {shown} / {total} | 顯示 {shown} / {total} | showing {shown} / {total}
aggregated: 已聚合为 {n} 个环节，方框内为企业数 | 已聚合為 {n} 個環節，方框內為企業數 | aggregated into {n} segments; numbers count enterprises
dashed: 虚线：并非原文明示（推断、传闻、转述或估算） | 虛線：並非原文明示（推斷、傳聞、轉述或估算） | Dashed: not stated outright (implied, hearsay, attributed or estimated)
release: 数据版本 | 資料版本 | Data release
canvas: 网络图：{title}。同样的数据见下方表格。 | 網絡圖：{title}。同樣的資料見下方表格。 | Network picture: {title}. The table below holds the same data.
hint: 点击节点或连线查看来源；拖动平移，滚轮缩放。 | 點擊節點或連線查看來源；拖動平移，滾輪縮放。 | Click a node or a line to see its sources; drag to move, scroll to zoom.
details: 详情与来源 | 詳情與來源 | Details and sources
empty: 没有可画的数据，请换一条产业链或一家企业。 | 沒有可畫的資料，請換一條產業鏈或一家企業。 | Nothing to draw; choose another chain or enterprise.
table: 以表格查看（与图同一数据） | 以表格查看（與圖同一資料） | The same data as a table
subject: 主体 | 主體 | Subject
relation: 关系 | 關係 | Relation
object: 对象 | 對象 | Object
source: 来源 | 來源 | Source
isolated: 尚无关系记录 | 尚無關係記錄 | No relation recorded yet
fact: 事实 | 事實 | Fact
document: 文档 | 文件 | Document
passage: 第 {offset} 字符起 {length} 字符 | 第 {offset} 字元起 {length} 字元 | {length} characters from offset {offset}
modality: 断言方式 | 斷言方式 | Modality
graph: 参考图 | 參考圖 | Reference graph
no_source: 未记录来源 | 未記錄來源 | No source recorded
choose_chain: 产业链 | 產業鏈 | Chain
choose_focus: 企业 | 企業 | Enterprise
choose_lang: 语言 | 語言 | Language
whole_chain: （整条产业链） | （整條產業鏈） | (the whole chain)
show: 显示 | 顯示 | Show
fit: 适应窗口 | 適應視窗 | Fit
zoom_in: 放大 | 放大 | Zoom in
zoom_out: 缩小 | 縮小 | Zoom out
download: 下载单文件 HTML | 下載單檔 HTML | Download as one HTML file
sparql: 在 SPARQL 中查看 | 在 SPARQL 中查看 | View in SPARQL
bad_value: 无法识别 {name}={value}，已使用默认值。 | 無法識別 {name}={value}，已使用預設值。 | {name}={value} is not known; the default is shown.
focus_needed: 该布局需要选择一家企业，已显示产业链。 | 該佈局需要選擇一家企業，已顯示產業鏈。 | That layout needs an enterprise; the chain is shown.
first_only: 仅列出前 {n} 家企业；其他企业请从其页面进入。 | 僅列出前 {n} 家企業；其他企業請從其頁面進入。 | Only the first {n} enterprises are listed; reach others from their own pages.
no_script: 图形需要 JavaScript；下方表格含同样的数据。 | 圖形需要 JavaScript；下方表格含同樣的資料。 | The drawing needs JavaScript; the table below holds the same data.
"""


def read_table(table: str) -> dict[str, dict[str, str]]:
    """Text by language and key, of lines `key: zh-Hans | zh-Hant | en`."""
    rows = [line.partition(": ") for line in table.strip().splitlines()]
    cells = {key: [cell.strip() for cell in text.split(" | ")] for key, _, text in rows}
    return {
        lang: {key: texts[column] for key, texts in cells.items()}
        for column, lang in enumerate(_COLUMNS)
    }


TEXTS: Final = read_table(_TABLE)
"""Text by language and key; `{name}` places are filled with str.format."""


def words(lang: str, key: str, **values: object) -> str:
    """A text in a language with its places filled."""
    return TEXTS[lang][key].format(**values)
