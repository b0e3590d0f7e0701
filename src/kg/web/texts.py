"""The words of the query page in each language of the interface."""

from typing import Final

from kg.network.texts import read_table

TEXTS: Final = read_table("""
query: 查询数据版本 {release}；默认图是合并视图，GRAPH ?g 说明由谁陈述 | 查詢資料版本 {release}；預設圖是合併視圖，GRAPH ?g 說明由誰陳述 | Query over release {release}; the default graph is the merged view, GRAPH ?g says who states what
keys: Ctrl+Enter 运行 · Ctrl+空格 补全 · Esc 离开编辑器 | Ctrl+Enter 執行 · Ctrl+空格 補全 · Esc 離開編輯器 | Ctrl+Enter runs · Ctrl+Space completes · Esc leaves the editor
run: 运行 | 執行 | Run
stop: 停止 | 停止 | Stop
running: 正在运行 {s} 秒 | 正在執行 {s} 秒 | running {s} s
took: 用时 {s} 秒 | 用時 {s} 秒 | took {s} s
stopped: 已在 {s} 秒后停止 | 已在 {s} 秒後停止 | stopped after {s} s
failed: 无法连接服务器 | 無法連線伺服器 | the server could not be reached
limit: 期限 {s} 秒 | 期限 {s} 秒 | limit {s} s
link: 复制链接 | 複製連結 | Copy link
copied: 已复制 | 已複製 | copied
examples: 示例 | 示例 | Examples
find: 查找示例 | 尋找示例 | Find an example
no_example: 没有匹配的示例 | 沒有相符的示例 | no example matches
views: 结果视图 | 結果檢視 | Views of the result
table: 表格 | 表格 | Table
chart: 图表 | 圖表 | Chart
network: 网络 | 網絡 | Network
raw: 原文 | 原文 | Raw
iris: 显示 IRI | 顯示 IRI | Show IRIs
labels: 显示名称 | 顯示名稱 | Show labels
rows: 共 {n} 行 | 共 {n} 列 | {n} rows
cut: 页面只显示长结果的开头；下载的文件是完整的（不超过公布的上限）。 | 頁面只顯示長結果的開頭；下載的檔案是完整的（不超過公布的上限）。 | A page shows the beginning of a long result. There is more; the downloads have it, up to the published limits.
none: 没有结果。未记录不等于没有。 | 沒有結果。未記錄不等於沒有。 | No row. Nothing recorded matches; that is not the same as “none”.
yes: 是 | 是 | Yes
no: 否 | 否 | No
page: 第 {from}–{to} 行 | 第 {from}–{to} 列 | rows {from}–{to}
previous: 上一页 | 上一頁 | Previous
next: 下一页 | 下一頁 | Next
sort: 按 {name} 排序 | 按 {name} 排序 | Sort by {name}
result: 结果 | 結果 | Result
download: 下载 | 下載 | Download
code: 在代码中使用 | 在程式中使用 | Use it in code
bars: {value}，按 {label} | {value}，按 {label} | {value} by {label}
first: 图中为前 {n} 个，共 {total} 个 | 圖中為前 {n} 個，共 {total} 個 | the first {n} of {total}
same: 同样的数据见“表格”。 | 同樣的資料見「表格」。 | The table holds the same data.
class: 类 | 類 | class
property: 属性 | 屬性 | property
prefix: 前缀 | 前綴 | prefix
variable: 变量 | 變數 | variable
uses: {n} 次 | {n} 次 | {n} uses
editor: SPARQL 查询编辑器 | SPARQL 查詢編輯器 | SPARQL query editor
title: 查询结果 | 查詢結果 | Query result
sources: 来源见各事物的页面。 | 來源見各事物的頁面。 | Sources stand on the pages of the things.
""")
"""Text by language and key; `{name}` places are filled with str.format, or by sparql.js."""
