"""The interface described for people: `/docs`, one page made of the OpenAPI document."""

from typing import Final

from flask import Blueprint, current_app, render_template

from kg.web.language import language
from kg.web.openapi import describe

blueprint = Blueprint("docs", __name__)

_WORDS: Final = {
    "en": {
        "title": "Interface",
        "intro": "Every address that programs may use. The same for programs: ",
        "parameter": "Parameter",
        "meaning": "Meaning",
        "answers": "Answers",
        "errors": "Errors",
        "body": "Body",
        "problems": "What errors mean",
    },
    "zh-Hans": {
        "title": "接口",
        "intro": "程序可用的全部地址。供程序读取的版本：",
        "parameter": "参数",
        "meaning": "含义",
        "answers": "返回",
        "errors": "错误",
        "body": "请求体",
        "problems": "错误代码的含义",
    },
    "zh-Hant": {
        "title": "介面",
        "intro": "程式可用的全部位址。供程式讀取的版本：",
        "parameter": "參數",
        "meaning": "含義",
        "answers": "回應",
        "errors": "錯誤",
        "body": "請求本體",
        "problems": "錯誤代碼的含義",
    },
}


@blueprint.route("/docs")
def docs() -> str:
    """This interface as a page to read."""
    return render_template("docs.html", document=describe(current_app), t=_WORDS[language()])
