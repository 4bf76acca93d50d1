#include "source/imap/words.hpp"

namespace roe::imap {

std::string words_of(const Status &status) {
    std::string words;
    if (!status.code.name.empty()) words = '[' + status.code.name + "] ";
    return clean_words(words + status.text);
}

Fault fault_of(const Status &status, Fault otherwise) {
    const std::string_view code = status.code.name;
    if (code == "LIMIT" || code == "INUSE" || code == "OVERQUOTA" || code == "THROTTLED")
        return Fault::throttled;
    if (code == "UNAVAILABLE" || code == "SERVERBUG" || code == "SYS/TEMP") return Fault::unreachable;
    if (code == "PRIVACYREQUIRED") return Fault::not_encrypted;
    if (code == "AUTHENTICATIONFAILED" || code == "AUTHORIZATIONFAILED" || code == "EXPIRED" ||
        code == "SYS/PERM") {
        return otherwise;
    }
    if (code == "NONEXISTENT" || code == "TRYCREATE") return Fault::no_folder;
    return fault_in_words(status.text).value_or(otherwise);
}

} // namespace roe::imap
