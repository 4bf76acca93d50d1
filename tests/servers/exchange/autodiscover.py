"""Autodiscover, plain (MS-OXDSCLI) and by SOAP (MS-OXWSADISC)."""

import xml.etree.ElementTree as ElementTree
from xml.sax.saxutils import escape

_RESPONSE = "http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006"
_OUTLOOK = "http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a"
_SOAP = "http://schemas.microsoft.com/exchange/2010/Autodiscover"


def _first(content, name):
    try:
        found = [element for element in ElementTree.fromstring(content).iter() if element.tag.split("}")[-1] == name]
    except ElementTree.ParseError:
        return None
    return (found[0].text or "").strip() if found else None


def pox(server, account, content):
    address = _first(content, "EMailAddress") or account.address
    url = escape(server.url())
    elsewhere = server.options["autodiscover"]
    if isinstance(elsewhere, dict):
        (action, where), = elsewhere.items()
        name = action[0].upper() + action[1:]
        inside = (f'<Response xmlns="{_OUTLOOK}"><Account><AccountType>email</AccountType><Action>{action}</Action>'
                  f"<{name}>{escape(where)}</{name}></Account></Response>")
    elif address.lower() not in server.mailboxes:
        inside = (f'<Response xmlns="{_RESPONSE}"><Error Time="00:00:00.0000000" Id="1"><ErrorCode>500</ErrorCode>'
                  "<Message>The email address can't be found.</Message><DebugData/></Error></Response>")
    else:
        protocols = "".join(f"<Protocol><Type>{kind}</Type><Server>localhost</Server><EwsUrl>{url}</EwsUrl>"
                            f"<ASUrl>{url}</ASUrl><OOFUrl>{url}</OOFUrl></Protocol>" for kind in ("EXCH", "EXPR"))
        inside = (f'<Response xmlns="{_OUTLOOK}"><User><DisplayName>{escape(address)}</DisplayName>'
                  f"<AutoDiscoverSMTPAddress>{escape(address)}</AutoDiscoverSMTPAddress></User><Account>"
                  f"<AccountType>email</AccountType><Action>settings</Action>{protocols}</Account></Response>")
    return f'<?xml version="1.0" encoding="utf-8"?><Autodiscover xmlns="{_RESPONSE}">{inside}</Autodiscover>'.encode()


def soap(server, account, content):
    address = _first(content, "Mailbox") or account.address
    known = address.lower() in server.mailboxes
    url = escape(server.url())
    settings = "".join(f'<UserSetting i:type="StringSetting"><Name>{name}</Name><Value>{value}</Value></UserSetting>'
                       for name, value in (("InternalEwsUrl", url), ("ExternalEwsUrl", url),
                                           ("EwsSupportedSchemas", "Exchange2007, Exchange2010_SP2, Exchange2013"),
                                           ("UserDisplayName", escape(address))))
    code = "NoError" if known else "InvalidUser"
    return (f'<?xml version="1.0" encoding="utf-8"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" '
            'xmlns:a="http://www.w3.org/2005/08/addressing"><s:Header>'
            f"<a:Action s:mustUnderstand=\"1\">{_SOAP}/Autodiscover/GetUserSettingsResponse</a:Action></s:Header><s:Body>"
            f'<GetUserSettingsResponseMessage xmlns="{_SOAP}"><Response xmlns:i="http://www.w3.org/2001/XMLSchema-instance">'
            "<ErrorCode>NoError</ErrorCode><ErrorMessage/><UserResponses><UserResponse>"
            f"<ErrorCode>{code}</ErrorCode><ErrorMessage>{code}</ErrorMessage><RedirectTarget i:nil=\"true\"/>"
            f"<UserSettingErrors/><UserSettings>{settings if known else ''}</UserSettings></UserResponse></UserResponses>"
            "</Response></GetUserSettingsResponseMessage></s:Body></s:Envelope>").encode()
