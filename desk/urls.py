"""Pages for people who are signed in, and the objection form for everybody."""

from django.urls import path

from desk.views import (
    account,
    bank_accounts,
    calendar,
    cases,
    covers,
    documents,
    drafting,
    finance,
    groups,
    home,
    lists,
    objections,
    papers,
    previews,
    profiles,
    programmes,
    rehearsals,
    rounds,
    rules,
    screening,
    texts,
    topics,
    work,
)

app_name = "desk"
urlpatterns = [
    path("home/", home.home, name="home"),
    path("account/", account.account, name="account"),
    path("messages/", home.message_list, name="message-list"),
    path("messages/read/", home.messages_read, name="messages-read"),
    path("messages/<int:pk>/", home.message_read, name="message-read"),
    # -- work -----------------------------------------------------------------
    path("inbox/", work.inbox, name="inbox"),
    path("done/", work.done, name="done"),
    path("work/<int:pk>/", work.work_item, name="work-item"),
    path("work/<int:pk>/topics/<int:topic>/", topics.work_topic, name="work-topic"),
    path("work/<int:pk>/check/", topics.work_check, name="work-check"),
    path("work/<int:pk>/answers/", topics.work_answers, name="work-answers"),
    path("work/<int:pk>/earlier/", topics.work_earlier, name="work-earlier"),
    path("work/<int:pk>/draft/", drafting.work_draft, name="work-draft"),
    path("work/<int:pk>/claim/", work.work_claim, name="work-claim"),
    path("work/<int:pk>/release/", work.work_release, name="work-release"),
    path("work/<int:pk>/reassign/", work.work_reassign, name="work-reassign"),
    # -- cases ----------------------------------------------------------------
    path("cases/", cases.case_list, name="case-list"),
    path("cases/<slug:code>/", cases.case_detail, name="case-detail"),
    path("cases/<slug:code>/act/<slug:action>/", work.case_act, name="case-act"),
    path(
        "cases/<slug:code>/documents/add/",
        documents.document_add,
        name="document-add",
    ),
    path(
        "cases/<slug:code>/documents/<int:pk>/version/",
        documents.version_add,
        name="version-add",
    ),
    path(
        "cases/<slug:code>/papers/<slug:paper>/<slug:fmt>/",
        papers.case_paper,
        name="case-paper",
    ),
    path("cases/<slug:code>/<slug:tab>/", cases.case_detail, name="case-tab"),
    path("check-code/", papers.check_code, name="check-code"),
    path("documents/<int:pk>/", documents.document_open, name="document-open"),
    # -- lists ----------------------------------------------------------------
    path("lists/", lists.list_index, name="list-index"),
    path("lists/<slug:code>/", lists.list_page, name="list-page"),
    path("lists/<slug:code>/columns/", lists.list_columns, name="list-columns"),
    path("lists/<slug:code>/export/", lists.list_export, name="list-export"),
    path("exports/", lists.export_list, name="export-list"),
    path("exports/<int:pk>/", lists.export_file, name="export-file"),
    path("lists/overdue/remind/", lists.remind, name="list-remind"),
    path("calendar/<str:token>.ics", calendar.calendar, name="calendar"),
    # -- money ----------------------------------------------------------------
    path("finance/", finance.finance_desk, name="finance"),
    path("finance/batches/<int:pk>/", finance.payment_batch, name="payment-batch"),
    path("finance/vouchers/", finance.voucher_import, name="voucher-import"),
    path("bank-account/<int:pk>/", bank_accounts.bank_account, name="bank-account"),
    path("our-organisation/<int:pk>/", profiles.profile, name="profile"),
    # -- leave cover ----------------------------------------------------------
    path("covers/", covers.cover_list, name="cover-list"),
    path("covers/new/", covers.cover_new, name="cover-new"),
    path("covers/<int:pk>/end/", covers.cover_end, name="cover-end"),
    # -- rounds ---------------------------------------------------------------
    path("apply/", rounds.apply, name="apply"),
    path("rounds/", rounds.round_list, name="round-list"),
    path("rounds/new/<slug:programme>/", rounds.round_new, name="round-new"),
    path("rounds/<slug:code>/", rounds.round_detail, name="round-detail"),
    path("rounds/<slug:code>/edit/", rounds.round_edit, name="round-edit"),
    path("rounds/<slug:code>/publish/", rounds.round_publish, name="round-publish"),
    path("rounds/<slug:code>/close/", rounds.round_close, name="round-close"),
    path("rounds/<slug:code>/preview/", previews.round_preview, name="round-preview"),
    path(
        "rounds/<slug:code>/preview/<int:topic>/",
        previews.round_preview,
        name="round-preview-topic",
    ),
    path("texts/<slug:programme>/", texts.texts, name="texts"),
    path(
        "texts/<slug:programme>/<slug:kind>/<slug:language>/",
        texts.text_edit,
        name="text-edit",
    ),
    path(
        "texts/<slug:programme>/<slug:kind>/<slug:language>/reset/",
        texts.text_reset,
        name="text-reset",
    ),
    path(
        "rounds/<slug:code>/rehearsal/",
        rehearsals.round_rehearsal,
        name="round-rehearsal",
    ),
    path("rounds/<slug:code>/rules/", rules.round_rules, name="round-rules"),
    path("rules/<slug:programme>/", rules.rules_index, name="rules"),
    path(
        "rules/<slug:programme>/version/<int:version>/",
        rules.rules_version,
        name="rules-version",
    ),
    path(
        "rules/<slug:programme>/<slug:subject>/",
        rules.rules_subject,
        name="rules-subject",
    ),
    path("rounds/<slug:code>/groups/<int:pk>/", groups.round_group, name="round-group"),
    path("rounds/<slug:code>/minutes/", groups.round_minutes, name="round-minutes"),
    path(
        "rounds/<slug:code>/screening/",
        screening.round_screening,
        name="round-screening",
    ),
    path("rounds/<slug:code>/papers/", papers.round_papers, name="round-papers"),
    path(
        "rounds/<slug:code>/papers/<slug:paper>/<slug:fmt>/",
        papers.round_paper,
        name="round-paper",
    ),
    path(
        "rounds/<slug:code>/papers/<slug:paper>/<slug:fmt>/<int:part>/",
        papers.round_paper,
        name="round-part-paper",
    ),
    path(
        "notices/<int:pk>/cases/<slug:code>/object/",
        objections.objection_new,
        name="objection-new",
    ),
    # -- programmes (administrator) -------------------------------------------
    path("programmes/", programmes.programme_list, name="programme-list"),
    path("programmes/new/", programmes.programme_new, name="programme-new"),
    path(
        "programmes/<slug:code>/", programmes.programme_detail, name="programme-detail"
    ),
    path("programmes/<slug:code>/revoke/", programmes.role_revoke, name="role-revoke"),
]
