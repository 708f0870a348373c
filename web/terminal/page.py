"""GET /terminal: the page of a classroom, and the QR code that it shows while it waits."""

import io
import re

import segno
from aiohttp import web as http

from web.kit.pages.templating import render
from web.kit.services import services_of
from web.kit.words.i18n import gettext as _
from web.kit.words.i18n import in_language
from web.terminal.api import approval_url

TEMPLATE = "terminal/terminal.html"
CODE = re.compile(r"[0-9A-Z]{4,12}")


async def page(request: http.Request) -> http.Response:
    """GET /terminal?language=: the page; it works out everything else by itself.

    A wall speaks the county's language, whatever the PC's browser was installed in.
    """
    offered = services_of(request).settings.languages
    wanted = request.query.get("language", "")
    with in_language(wanted if wanted in offered else offered[0]):
        return render(request, TEMPLATE, {"texts": texts()})


async def qr_code(request: http.Request) -> http.Response:
    """GET /terminal/qr.svg?code=ABC123: the address on which this code can be approved."""
    code = request.query.get("code", "")
    if not CODE.fullmatch(code):
        raise http.HTTPNotFound
    out = io.BytesIO()
    image = segno.make(approval_url(services_of(request), code), error="m", micro=False)
    image.save(out, kind="svg", scale=8, border=3, light="#ffffff", dark="#0b1413", xmldecl=False)
    return http.Response(body=out.getvalue(), content_type="image/svg+xml")


def texts() -> dict[str, object]:
    """Return every sentence that the page's scripts put together, in the reader's language."""
    return {
        "reading": _("正在读取今天的课表…"),
        "away": _("连不上服务器，正在不断重试，不需要操作。"),
        "pairing_away": _("连不上服务器，正在重试…"),
        "ready": _("已就绪"),
        "offline": _("网络中断"),
        "offline_keeps": _("课表已保存，到点照常上课"),
        "camera": _("摄像头"),
        "microphone": _("麦克风"),
        "network": _("网络"),
        "enters_minutes": _("%(minutes)s 分钟后自动进入课堂"),
        "enters_hours": _("%(hours)s 小时 %(minutes)s 分后自动进入课堂"),
        "starts_minutes": _("%(minutes)s 分钟后自动开播"),
        "starts_hours": _("%(hours)s 小时 %(minutes)s 分后自动开播"),
        "lobby_leg": _("到点自动进入课堂，不需要操作"),
        "lobby_host": _("到点自动打开摄像头和麦克风，开始上课"),
        "joining": _("正在进入课堂…"),
        "joining_host": _("正在打开摄像头，连接各教室…"),
        "joining_empty": _("等待 %(teacher)s 开始上课…"),
        "reconnecting": _("画面中断，正在重新连接…"),
        "reconnecting_long": _(
            "还没有画面。请检查网线和电源，恢复后自动继续。还不行请打电话给学校管理员：N01"
        ),
        "tap_for_sound": _("点一下屏幕打开声音"),
        "teaching": _("正在上课，画面和声音正在送出"),
        "host_lost": _("连接中断，正在重新连接…"),
        "host_lost_long": _(
            "连接还没有恢复。请检查网线和电源，恢复后自动继续。还不行请打电话给学校管理员：N02"
        ),
        "rooms_in": _("%(present)s / %(all)s 间教室已进入"),
        "until": _("%(time)s 下课"),
        "room_in": _("已进入"),
        "room_blind": _("没有画面"),
        "room_muted": _("没有声音"),
        "room_out": _("未进入"),
        "faults": faults(),
    }


def faults() -> dict[str, dict[str, str]]:
    """Return what is wrong and what happens next, by the code that people read out on the phone."""
    again = _("接好后会自动继续，不需要刷新。")
    return {
        "A01": {
            "what": _("这台电脑的浏览器太旧，不能上课"),
            "next": _("请换用 Chromium 或 Chrome 109 以上版本打开本页。"),
        },
        "C01": {
            "what": _("浏览器不允许本页使用摄像头"),
            "next": _("主讲教室要用 https 地址或在本机（localhost）打开本页。"),
        },
        "C02": {
            "what": _("摄像头或麦克风没有被允许使用"),
            "next": _("请在浏览器地址栏左侧允许摄像头和麦克风。允许后自动继续。"),
        },
        "C03": {"what": _("没有找到摄像头"), "next": _("请检查摄像头的连线和电源。") + again},
        "C04": {"what": _("没有找到麦克风"), "next": _("请检查麦克风的连线。") + again},
        "C05": {
            "what": _("摄像头正被别的程序占用"),
            "next": _("请关闭其他使用摄像头的程序，之后会自动继续。"),
        },
        "C06": {"what": _("摄像头或麦克风的连线断开了"), "next": again},
        "L01": {
            "what": _("本教室的课堂已在另一个窗口打开"),
            "next": _("请关闭多余的窗口。那边关闭后，这里一分钟内自动接上。"),
        },
        "unknown": {"what": _("终端出了问题"), "next": _("正在自动重试，请稍候。")},
    }
