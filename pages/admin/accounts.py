"""账号: who may come in, and as what."""

from collections.abc import Iterator
from contextlib import contextmanager

import pandas as pd
import streamlit as st

from data.access import ROLES, Forbidden, Visitor, office, settings
from data.access.accounts import FAULTS, Account, BadAccount
from data.problems import DatabaseUnavailable
from pages.parts import access, filters, tables
from pages.parts.backups import sentence
from pages.parts.caching import ask, database_path
from pages.words import _
from pages.words.terms import listed, plain
from queries import county

MAY = {
    "leader": "查看全部数据和上传记录，可以导出；不能上传。",
    "county_clerk": "查看全部数据，可以导出；上传各镇街的文件，可以撤销。",
    "township_clerk": "上传本镇街的文件，查看本镇街的上传记录；不看排名。",
    "administrator": "管理账号和备份，查看操作记录；不看考评数据。",
    "viewer": "查看镇街数据和得分分布，可以导出；代表姓名以代号代替。",
}
STATES = {"open": "启用", "disabled": "停用", "no_password": "未设密码"}
NEW = ""  # the account that is being added


@contextmanager
def acting() -> Iterator[Visitor]:
    """Whoever clicked, by the rights they have now; the page says why if the deed is refused."""
    try:
        yield access.demand("accounts")
    except BadAccount as fault:
        st.session_state.refused_account = _(FAULTS[fault.code])
    except DatabaseUnavailable as fault:
        st.session_state.refused_account = sentence(fault)
    except Forbidden:
        st.session_state.refused_account = _("您的账号没有使用这一页的权限。")


def look_at(account: str | None) -> None:
    st.session_state.account = account


def typed(what: str, account: str) -> str:
    return str(st.session_state[f"{what}_{account}"]).strip()


def townships_of(account: str) -> list[str]:
    return st.session_state.get(f"townships_{account}", [])


def create() -> None:
    account, name = typed("account", NEW), typed("name", NEW)
    with acting() as here:
        code = office.create(
            here,
            account=account,
            name=name,
            role=st.session_state[f"role_{NEW}"],
            townships=townships_of(NEW),
        )
        look_at(None)
        if by_password:
            hand_over(account, name, code)
        else:
            done(_("已添加 {account}（{name}）。", account=plain(account), name=plain(name)))


def change(account: str) -> None:
    with acting() as here:
        office.change(
            here,
            account,
            name=typed("name", account),
            role=st.session_state[f"role_{account}"],
            townships=townships_of(account),
        )
        look_at(None)
        done(_("已保存 {account}。角色或镇街有变化的，须重新登录。", account=plain(account)))


def disable(account: str) -> None:
    with acting() as here:
        office.disable(here, account)
        done(_("已停用 {account}，其登录已全部退出。", account=plain(account)))


def enable(account: str) -> None:
    with acting() as here:
        office.enable(here, account)
        done(_("已启用 {account}。", account=plain(account)))


def renew(account: str, name: str) -> None:
    with acting() as here:
        code = office.renew(here, account)
        look_at(None)
        hand_over(account, name, code)


def done(message: str) -> None:
    st.session_state.done_account = message


def hand_over(account: str, name: str, code: str) -> None:
    """Show the code until that is ticked; the tick goes with the page, and the code with it."""
    st.session_state.code = (account, name, code)
    st.session_state.handed_over = False


def show_code() -> None:
    if st.session_state.get("handed_over", True):
        st.session_state.pop("code", None)
        return
    account, name, code = st.session_state.code
    with st.container(border=True):
        st.markdown(
            _(
                "**{name}**（账号 {account}）的一次性代码：",
                name=plain(name),
                account=plain(account),
            )
        )
        st.code(code, language=None, width="content")
        st.caption(
            _(
                "请把账号和代码当面交给本人，在登录页点“用一次性代码设置密码”。72 小时内有效，只能用一次；勾选或离开本页后不再显示。"
            )
        )
        st.checkbox(_("已交给本人"), key="handed_over")


def show_form(account: Account | None) -> None:
    """One account, or a new one: who it is, and what they may do."""
    key = account.account if account else NEW
    with st.container(border=True):
        head = st.container(horizontal=True, vertical_alignment="center")
        head.markdown(
            _("**账号 {account}**", account=plain(key)) if account else _("**添加账号**"),
            width="stretch",
        )
        head.button(_("关闭"), on_click=look_at, args=(None,), icon=":material/close:")
        who, what = st.columns([2, 3], gap="large")
        with who:
            if account is None:
                st.text_input(
                    _("账号"),
                    key=f"account_{key}",
                    max_chars=32,
                    autocomplete="off",
                )
                st.caption(
                    _("登录时使用：2 至 32 个字，可用汉字、英文字母、数字和 . _ - @ 。")
                    if by_password
                    else _("须与统一身份认证中的账号名一致。")
                )
            st.text_input(
                _("姓名"),
                account.name if account else "",
                key=f"name_{key}",
                max_chars=30,
                autocomplete="off",
            )
        with what:
            roles = list(ROLES)
            role = st.radio(
                _("角色"),
                roles,
                roles.index(account.role) if account else None,
                format_func=lambda role: _(ROLES[role]),
                captions=[_(MAY[role]) for role in roles],
                key=f"role_{key}",
            )
        if role == "township_clerk":
            show_townships(key, account.townships if account else ())
        with st.container(horizontal=True, vertical_alignment="center"):
            if account is None:
                st.button(_("添加"), type="primary", on_click=create, disabled=role is None)
            else:
                st.button(_("保存"), type="primary", on_click=change, args=(key,))
                show_deeds(account)


def show_townships(key: str, chosen: tuple[str, ...]) -> None:
    on_record = ask(county.townships_on_record)["township"].tolist()
    if not on_record and not chosen:
        st.caption(_("还没有镇街表，不能设镇街经办人。请先由县级经办人上传镇街表。"))
        return
    st.pills(
        _("镇街"),
        [*on_record, *(name for name in chosen if name not in on_record)],
        selection_mode="multi",
        default=chosen,
        format_func=plain,
        key=f"townships_{key}",
    )


def show_deeds(account: Account) -> None:
    """What else there is to do with an account, but with one's own."""
    if account.account == here.account:
        st.caption(_("这是您自己的账号。"))
        return
    key = account.account
    if account.disabled:
        st.button(_("启用账号"), on_click=enable, args=(key,), icon=":material/check:")
        return
    st.button(_("停用账号"), on_click=disable, args=(key,), icon=":material/block:")
    if by_password:
        with st.popover(_("重发一次性代码"), icon=":material/key:"):
            st.markdown(_("原密码随即作废，其登录全部退出。忘记密码时使用。"))
            st.button(_("确定重发"), on_click=renew, args=(key, account.name))


def state(account: Account) -> str:
    if account.disabled:
        return STATES["disabled"]
    return STATES["no_password" if by_password and not account.has_password else "open"]


here = access.demand("accounts")
filters.headline(_("账号"))
if not access.signs_in():
    st.info(
        _(
            "现在只供本机使用，没有账号，在这台电脑上打开的人都可以使用全部功能。要供其他电脑使用，请按说明文件“给管理员”一节设置账号。"
        ),
        icon=":material/info:",
    )
    st.stop()
by_password = settings.door(database_path()).way == "accounts"

if said := st.session_state.pop("refused_account", None):
    st.error(said, icon=":material/error:")
if said := st.session_state.pop("done_account", None):
    st.success(said, icon=":material/check_circle:")
show_code()
everyone = office.everyone(here)
chosen = st.session_state.get("account")
if chosen is not None:
    known = {account.account: account for account in everyone}
    if chosen == NEW or chosen in known:
        show_form(known.get(chosen))
with st.container(horizontal=True, vertical_alignment="center"):
    st.caption(_("点击一行修改、停用或重发一次性代码。"), width="stretch")
    st.button(_("添加账号"), on_click=look_at, args=(NEW,), icon=":material/person_add:", key="add")
tables.show(
    pd.DataFrame(
        {
            "account": account.account,
            "name": account.name,
            "role": _(ROLES[account.role]),
            "townships": listed(account.townships),
            "state": _(state(account)),
            "last_sign_in": account.last_sign_in and account.last_sign_in.replace(tzinfo=None),
        }
        for account in everyone
    ).astype({"last_sign_in": "datetime64[s]"}),
    "accounts",
    {
        "account": tables.text(_("账号")),
        "name": tables.text(_("姓名")),
        "role": tables.text(_("角色")),
        "townships": tables.text(_("镇街")),
        "state": tables.text(_("状态")),
        "last_sign_in": st.column_config.DatetimeColumn(
            _("最近登录"), format="YYYY-MM-DD HH:mm", width=135
        ),
    },
    _("账号列表"),
    on_click=lambda row: look_at(everyone[row].account),
    height=min(35 * (len(everyone) + 1) + 3, 620),
)
