"""The administrators' lines of the route table."""

from scheduler.access.permissions import Action
from web.admin import overview
from web.admin.audit import pages as audit
from web.admin.organisation import imports
from web.admin.organisation import pages as organisation
from web.admin.system import pages as system
from web.admin.terminals import pages as terminals
from web.admin.usage import pages as usage
from web.kit.requests.access import Route, needs

ROUTES: list[Route] = [
    needs(Action.USAGE_VIEW, "GET", "/admin", overview.page),
    needs(Action.TERMINAL_APPROVE, "GET", "/admin/terminals", terminals.page),
    needs(Action.TERMINAL_APPROVE, "POST", "/admin/terminals/approve", terminals.approve),
    needs(Action.TERMINAL_REVOKE, "POST", "/admin/terminals/{id}/revoke", terminals.revoke),
    needs(Action.ORGANISATION_VIEW, "GET", "/admin/organisation", organisation.page),
    needs(Action.ORGANISATION_VIEW, "GET", "/admin/organisation/rooms.csv", organisation.rooms_csv),
    needs(Action.ORGANISATION_IMPORT, "GET", "/admin/organisation/import", imports.form),
    needs(Action.ORGANISATION_IMPORT, "POST", "/admin/organisation/import", imports.submit),
    needs(Action.USAGE_VIEW, "GET", "/admin/usage", usage.page),
    needs(Action.USAGE_EXPORT, "GET", "/admin/usage.csv", usage.export),
    needs(Action.USAGE_VIEW, "GET", "/admin/usage/{lesson_id}", usage.lesson),
    needs(
        Action.REMARK_WRITE, "POST", "/admin/usage/{lesson_id}/legs/{leg_id}/remarks", usage.remark
    ),
    needs(Action.AUDIT_VIEW, "GET", "/admin/audit", audit.page),
    needs(Action.AUDIT_VIEW, "GET", "/admin/audit.csv", audit.export),
    needs(Action.SYSTEM_VIEW, "GET", "/admin/system", system.page),
]
