"""What foreign clients ask before they come to the point."""

from .properties import xml
from .soap import M, Refusal, response, response_message, text_of


def convert_id(call):
    """Exchange is asked for the conversion of nonsense by clients that want its version."""
    refusal = Refusal("ErrorInvalidIdMalformed", "Id is malformed.")
    return response("ConvertId", [response_message("ConvertId", error=refusal) for _ in call.element.find(f"{M}SourceIds")])


def resolve_names(call):
    wanted = text_of(call.element, f"{M}UnresolvedEntry", "").lower().removeprefix("smtp:")
    found = [mailbox.address for mailbox in call.mailboxes.values() if wanted and wanted in mailbox.address.lower()]
    if not found:
        return response("ResolveNames", [response_message(
            "ResolveNames", error=Refusal("ErrorNameResolutionNoResults", "No results were found."))])
    inside = "".join(f"<t:Resolution><t:Mailbox><t:Name>{xml(address)}</t:Name><t:EmailAddress>{xml(address)}</t:EmailAddress>"
                     "<t:RoutingType>SMTP</t:RoutingType><t:MailboxType>Mailbox</t:MailboxType></t:Mailbox></t:Resolution>"
                     for address in found)
    return response("ResolveNames", [response_message(
        "ResolveNames", f'<m:ResolutionSet TotalItemsInView="{len(found)}" IncludesLastItemInRange="true">{inside}'
                        "</m:ResolutionSet>")])


def time_zones(call):
    return response("GetServerTimeZones", [response_message(
        "GetServerTimeZones", "<m:TimeZoneDefinitions></m:TimeZoneDefinitions>")])
