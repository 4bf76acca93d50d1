#include "source/ews/response_code.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "source/words.hpp"

namespace roe::ews {

namespace {

constexpr std::string_view later = "The server asks to come back later; it is tried again by itself.";
constexpr std::string_view passing = "The server has a passing fault; it is tried again by itself.";

struct Meaning {
    std::string_view code;
    Fault fault;
    std::string_view advice;
};

constexpr std::string_view impersonation_advice =
    "The login may not act as this mailbox: give it the role ApplicationImpersonation for it, or clear the "
    "impersonation.";
constexpr std::string_view no_folder_advice =
    "Check the folder's name, and what rights the login has: a folder that "
    "it may not see is not there for it.";
constexpr std::string_view unfit_mail =
    "The server can't hand out this mail. Open it in Outlook or have its mailbox "
    "repaired (New-MailboxRepairRequest).";

// MS-OXWSCDATA 2.2.5.24 ResponseCodeType, of which these matter to one who reads mails.
constexpr std::array meanings{
    Meaning{"ErrorServerBusy", Fault::throttled, later},
    Meaning{"ErrorTooManyObjectsOpened", Fault::throttled, later},
    Meaning{"ErrorExceededConnectionCount", Fault::throttled,
            "The login has too many connections open: other programs use it, too, or the throttling policy "
            "(EwsMaxConcurrency) is narrow."},
    Meaning{"ErrorExceededSubscriptionCount", Fault::throttled,
            "The login has too many subscriptions: other programs use it, too, or the throttling policy "
            "(EwsMaxSubscriptions) is narrow."},
    Meaning{"ErrorInsufficientResources", Fault::throttled, later},
    Meaning{"ErrorNotEnoughMemory", Fault::throttled, later},

    Meaning{"ErrorConnectionFailed", Fault::unreachable, passing},
    Meaning{"ErrorMailboxMoveInProgress", Fault::unreachable,
            "The mailbox is being moved to another database; it is tried again by itself."},
    Meaning{"ErrorMailboxFailover", Fault::unreachable, passing},
    Meaning{"ErrorMailboxStoreUnavailable", Fault::unreachable, passing},
    Meaning{"ErrorInternalServerError", Fault::unreachable, passing},
    Meaning{"ErrorInternalServerTransientError", Fault::unreachable, passing},
    Meaning{"ErrorADUnavailable", Fault::unreachable, passing},
    Meaning{"ErrorADOperation", Fault::unreachable, passing},
    Meaning{"ErrorTimeoutExpired", Fault::unreachable, passing},
    Meaning{"ErrorRequestAborted", Fault::unreachable, passing},
    Meaning{"ErrorClientDisconnected", Fault::unreachable, passing},
    Meaning{"ErrorBatchProcessingStopped", Fault::unreachable, passing},
    Meaning{"ErrorProxyCallFailed", Fault::unreachable, passing},
    Meaning{"ErrorProxyRequestProcessingFailed", Fault::unreachable, passing},
    Meaning{"ErrorProxyServiceDiscoveryFailed", Fault::unreachable, passing},
    Meaning{"ErrorProxyTokenExpired", Fault::unreachable, passing},
    Meaning{"ErrorNoRespondingCASInDestinationSite", Fault::unreachable, passing},
    Meaning{"ErrorIrresolvableConflict", Fault::unreachable, passing},
    Meaning{"ErrorStaleObject", Fault::unreachable, passing},

    Meaning{"ErrorPasswordExpired", Fault::login_refused, "The password has expired: change it, and here too."},
    Meaning{"ErrorPasswordChangeRequired", Fault::login_refused,
            "The account must change its password: change it, and here too."},
    Meaning{"ErrorAccountDisabled", Fault::login_refused, "The account is disabled: have it enabled."},
    Meaning{"ErrorMailboxLogonFailed", Fault::login_refused,
            "Check what rights the login has on this mailbox."},
    Meaning{"ErrorNonExistentMailbox", Fault::login_refused,
            "No mailbox has this address on the server: check the address, and that of impersonation."},
    Meaning{"ErrorMissingEmailAddress", Fault::login_refused,
            "The login has no mailbox of its own: name the mailbox that it is to read."},
    Meaning{"ErrorNonPrimarySmtpAddress", Fault::login_refused, "Name the mailbox by its primary address."},
    Meaning{"ErrorImpersonateUserDenied", Fault::login_refused, impersonation_advice},
    Meaning{"ErrorImpersonationDenied", Fault::login_refused, impersonation_advice},
    Meaning{"ErrorImpersonationFailed", Fault::login_refused, impersonation_advice},
    Meaning{"ErrorInvalidExchangeImpersonationHeaderData", Fault::login_refused, impersonation_advice},
    Meaning{"ErrorOrganizationAccessBlocked", Fault::login_refused,
            "The organization has blocked Exchange Web Services."},

    Meaning{"ErrorFolderNotFound", Fault::no_folder, no_folder_advice},
    Meaning{"ErrorSyncFolderNotFound", Fault::no_folder, no_folder_advice},
    Meaning{"ErrorParentFolderNotFound", Fault::no_folder, no_folder_advice},
    Meaning{"ErrorToFolderNotFound", Fault::no_folder, "Check the name of the folder that mails are moved to."},
    Meaning{"ErrorArchiveMailboxNotEnabled", Fault::no_folder, "The mailbox has no archive."},

    Meaning{"ErrorAccessDenied", Fault::refused, "Check what rights the login has in this folder."},
    Meaning{"ErrorCannotDeleteObject", Fault::refused, "Check what rights the login has in this folder."},
    Meaning{"ErrorQuotaExceeded", Fault::refused,
            "The mailbox is full: have its quota raised or make room in it."},
    Meaning{"ErrorMessageSizeExceeded", Fault::refused, "The mail is larger than the server hands out by EWS."},
    Meaning{"ErrorContentConversionFailed", Fault::refused, unfit_mail},
    Meaning{"ErrorMimeContentConversionFailed", Fault::refused, unfit_mail},
    Meaning{"ErrorUnsupportedMimeConversion", Fault::refused, unfit_mail},
    Meaning{"ErrorItemCorrupt", Fault::refused, unfit_mail},
    Meaning{"ErrorCorruptData", Fault::refused, unfit_mail},
    Meaning{"ErrorVirusDetected", Fault::refused, "The server takes this mail for a virus."},
    Meaning{"ErrorVirusMessageDeleted", Fault::gone, ""},
    Meaning{"ErrorItemNotFound", Fault::gone, ""},

    Meaning{"ErrorInvalidServerVersion", Fault::protocol, "The server is older than Exchange 2010."},
    Meaning{"ErrorInvalidSyncStateData", Fault::protocol, ""},
};

bool one_of(std::string_view code, std::span<const std::string_view> codes) {
    return std::ranges::find(codes, code) != codes.end();
}

std::string words_of(const Outcome &outcome) {
    if (outcome.code.empty()) return clean_words(outcome.text);
    return clean_words('[' + outcome.code + "] " + outcome.text);
}

struct StatusMeaning {
    int status;
    Fault fault;
    std::string_view advice;
};

constexpr std::array status_meanings{
    StatusMeaning{
        401, Fault::login_refused,
        "Check login and password (DOMAIN\\user or user@domain), and which ways to sign in the server's "
        "folder /EWS allows."},
    StatusMeaning{
        403, Fault::login_refused,
        "Exchange Web Services may be switched off for this mailbox (Set-CASMailbox -EwsEnabled) or for "
        "programs like this one (EwsApplicationAccessPolicy), or the server wants https."},
    StatusMeaning{404, Fault::protocol, "Check EWSUrl: it usually is https://SERVER/EWS/Exchange.asmx."},
    StatusMeaning{405, Fault::protocol, "Check EWSUrl: it usually is https://SERVER/EWS/Exchange.asmx."},
    StatusMeaning{407, Fault::unreachable, "The proxy wants a login of its own."},
    StatusMeaning{408, Fault::unreachable, passing},
    StatusMeaning{429, Fault::throttled, later},
    StatusMeaning{440, Fault::protocol,
                  "EWSUrl leads to Outlook on the web: it usually is https://SERVER/EWS/Exchange.asmx."},
};

} // namespace

Error error_of(const Outcome &outcome, std::string step, std::string doing) {
    Error error{.fault = Fault::refused,
                .step = std::move(step),
                .doing = std::move(doing),
                .server_text = words_of(outcome),
                .advice = {},
                .retry_after = outcome.back_off};
    const auto *const meaning = std::ranges::find(meanings, outcome.code, &Meaning::code);
    if (meaning != meanings.end()) {
        error.fault = meaning->fault;
        error.advice = meaning->advice;
    } else if (outcome.back_off) {
        error.fault = Fault::throttled;
        error.advice = later;
    } else if (const auto told = fault_in_words(outcome.text)) {
        error.fault = *told;
        error.advice = *told == Fault::throttled ? later : passing;
    }
    return error;
}

Error error_of_status(int status, std::optional<std::chrono::milliseconds> retry_after, std::string step,
                      std::string doing) {
    Error error{.fault = Fault::protocol,
                .step = std::move(step),
                .doing = std::move(doing),
                .server_text = "HTTP status " + std::to_string(status),
                .advice = {},
                .retry_after = retry_after};
    const auto *const meaning = std::ranges::find(status_meanings, status, &StatusMeaning::status);
    if (meaning != status_meanings.end()) {
        error.fault = meaning->fault;
        error.advice = meaning->advice;
    } else if (status >= 500) {
        error.fault = retry_after ? Fault::throttled : Fault::unreachable;
        error.advice = retry_after ? later : passing;
    } else if (status >= 300 && status < 400) {
        error.advice =
            "The server sends us to another address. Check EWSUrl; if the other one is right, enter it.";
    } else {
        error.advice = "Check EWSUrl: it usually is https://SERVER/EWS/Exchange.asmx.";
    }
    return error;
}

bool refuses_state(std::string_view code) {
    return code == "ErrorInvalidSyncStateData";
}

bool refuses_properties(std::string_view code) {
    constexpr std::array<std::string_view, 4> codes{
        "ErrorInvalidPropertyRequest", "ErrorInvalidExtendedProperty", "ErrorUnsupportedPropertyDefinition",
        "ErrorUnsupportedMapiPropertyType"};
    return one_of(code, codes);
}

bool refuses_version(std::string_view code) {
    constexpr std::array<std::string_view, 4> codes{"ErrorInvalidServerVersion",
                                                    "ErrorInvalidSchemaVersionForMailboxVersion",
                                                    "ErrorIncorrectSchemaVersion", "ErrorWrongServerVersion"};
    return one_of(code, codes);
}

bool refuses_streaming(std::string_view code) {
    // Without streaming (2010 without a service pack) the request is not valid by the server's schema.
    constexpr std::array<std::string_view, 9> codes{
        "ErrorExceededConnectionCount",
        "ErrorExceededSubscriptionCount",
        "ErrorSubscriptionDelegateAccessNotSupported",
        "ErrorSubscriptionAccessDenied",
        "ErrorInvalidSubscriptionRequest",
        "ErrorProxiedSubscriptionCallFailure",
        "ErrorInvalidOperation",
        "ErrorInvalidRequest",
        "ErrorSchemaValidation",
    };
    return one_of(code, codes) || refuses_version(code);
}

bool ends_subscription(std::string_view code) {
    constexpr std::array<std::string_view, 9> codes{
        "ErrorSubscriptionNotFound",     "ErrorSubscriptionUnsubscribed",
        "ErrorExpiredSubscription",      "ErrorInvalidSubscription",
        "ErrorInvalidWatermark",         "ErrorReadEventsFailed",
        "ErrorMissedNotificationEvents", "ErrorNewEventStreamConnectionOpened",
        "ErrorMailboxFailover",
    };
    return one_of(code, codes);
}

} // namespace roe::ews
