#include "settings/known_providers.hpp"

#include <algorithm>
#include <array>
#include <functional>

namespace roe::settings {

namespace {

constexpr Words app_password{"Needs an application password: make one in the account's security settings and "
                             "give it instead of the usual "
                             "password.",
                             "Нужен пароль приложения: создайте его в настройках безопасности учётной записи и "
                             "укажите вместо обычного пароля."};
constexpr Words app_password_and_switch{"Needs an application password and IMAP switched on: both in the "
                                        "mailbox's settings on the provider's site.",
                                        "Нужны пароль приложения и включённый доступ по IMAP: и то и другое — "
                                        "в настройках почты на сайте провайдера."};
constexpr Words switch_on{
    "Access by mail programs (IMAP) must be switched on in the mailbox's settings on the provider's site.",
    "Доступ почтовых программ (IMAP) нужно включить в настройках почты на сайте провайдера."};
constexpr Words oauth_only{
    "Takes no passwords: signing in needs OAuth 2.0, and IMAP must be allowed for the mailbox.",
    "Пароли не принимаются: для входа нужен OAuth 2.0, и для ящика должен быть разрешён IMAP."};
constexpr Words nothing{};

constexpr std::array providers{
    KnownProvider{"Gmail", "gmail.com googlemail.com", "google.com googlemail.com", "imap.gmail.com",
                  "pop.gmail.com", app_password},
    KnownProvider{
        "Microsoft 365",
        "outlook.com outlook.de outlook.fr outlook.es outlook.it outlook.jp hotmail.com hotmail.co.uk "
        "hotmail.de hotmail.fr hotmail.it live.com live.co.uk live.de live.fr live.nl msn.com "
        "passport.com onmicrosoft.com",
        "mail.protection.outlook.com olc.protection.outlook.com mx.microsoft", "outlook.office365.com",
        "outlook.office365.com", oauth_only},
    KnownProvider{"Yandex",
                  "yandex.ru ya.ru yandex.com yandex.by yandex.kz yandex.ua yandex.com.tr yandex.uz narod.ru",
                  "mx.yandex.net mx.yandex.ru", "imap.yandex.ru", "pop.yandex.ru", app_password_and_switch},
    KnownProvider{"Mail.ru", "mail.ru inbox.ru list.ru bk.ru internet.ru xmail.ru mail.ua",
                  "emx.mail.ru mxs.mail.ru", "imap.mail.ru", "pop.mail.ru", app_password},
    KnownProvider{"Rambler", "rambler.ru lenta.ru autorambler.ru myrambler.ru ro.ru rambler.ua", "",
                  "imap.rambler.ru", "pop.rambler.ru", switch_on},
    KnownProvider{"Yahoo",
                  "yahoo.com yahoo.co.uk yahoo.de yahoo.fr yahoo.es yahoo.it yahoo.ca yahoo.in yahoo.com.br "
                  "yahoo.com.au ymail.com rocketmail.com",
                  "yahoodns.net", "imap.mail.yahoo.com", "pop.mail.yahoo.com", app_password},
    KnownProvider{"AOL", "aol.com aol.de aol.co.uk aim.com", "", "imap.aol.com", "pop.aol.com", app_password},
    KnownProvider{"iCloud", "icloud.com me.com mac.com", "mail.icloud.com", "imap.mail.me.com", "",
                  app_password},
    KnownProvider{"GMX", "gmx.de gmx.net gmx.at gmx.ch", "gmx.net", "imap.gmx.net", "pop.gmx.net", switch_on},
    KnownProvider{"GMX", "gmx.com gmx.us gmx.co.uk gmx.fr gmx.es", "", "imap.gmx.com", "pop.gmx.com",
                  switch_on},
    KnownProvider{"WEB.DE", "web.de email.de", "web.de", "imap.web.de", "pop3.web.de", switch_on},
    KnownProvider{"Fastmail", "fastmail.com fastmail.fm fastmail.net sent.com", "messagingengine.com",
                  "imap.fastmail.com", "pop.fastmail.com", app_password},
    KnownProvider{"Zoho", "zoho.com zohomail.com", "", "imap.zoho.com", "pop.zoho.com",
                  app_password_and_switch},
    KnownProvider{"Zoho", "zoho.eu zohomail.eu", "zoho.eu", "imap.zoho.eu", "pop.zoho.eu",
                  app_password_and_switch},
    // For a domain of one's own Zoho has other servers than for its own addresses.
    KnownProvider{"Zoho", "", "zoho.com", "imappro.zoho.com", "poppro.zoho.com", app_password_and_switch},
    KnownProvider{"mailbox.org", "mailbox.org", "mailbox.org", "imap.mailbox.org", "pop3.mailbox.org", nothing},
    KnownProvider{"Posteo", "posteo.de posteo.net posteo.org posteo.eu", "posteo.de", "posteo.de", "posteo.de",
                  nothing},
    KnownProvider{"Telekom",
                  "t-online.de magenta.de",
                  "",
                  "secureimap.t-online.de",
                  "securepop.t-online.de",
                  {"Needs the password for e-mail programs that is set in the customer centre.",
                   "Нужен пароль для почтовых программ, он задаётся в личном кабинете."}},
    KnownProvider{"Seznam", "seznam.cz email.cz post.cz", "seznam.cz", "imap.seznam.cz", "pop3.seznam.cz",
                  switch_on},
    KnownProvider{"ukr.net", "ukr.net", "", "imap.ukr.net", "pop3.ukr.net", app_password_and_switch},
    KnownProvider{"QQ", "qq.com foxmail.com", "qq.com", "imap.qq.com", "pop.qq.com", app_password_and_switch},
    KnownProvider{"NetEase", "163.com", "", "imap.163.com", "pop.163.com", app_password_and_switch},
};

bool any_word(std::string_view words, const std::function<bool(std::string_view)> &fits) {
    while (!words.empty()) {
        const auto end = words.find(' ');
        if (fits(words.substr(0, end))) return true;
        words = end == std::string_view::npos ? std::string_view() : words.substr(end + 1);
    }
    return false;
}

// The name itself, or one below it: not "notgoogle.com".
bool is_within(std::string_view name, std::string_view above) {
    return name == above ||
           (name.size() > above.size() && name.ends_with(above) && name[name.size() - above.size() - 1] == '.');
}

} // namespace

const KnownProvider *provider_of_domain(std::string_view domain) {
    const auto *const found = std::ranges::find_if(providers, [domain](const KnownProvider &provider) {
        return any_word(provider.domains, [domain](std::string_view one) {
            // Each organisation has a name of its own below this one.
            return one == domain || (one == "onmicrosoft.com" && is_within(domain, one));
        });
    });
    return found == providers.end() ? nullptr : found;
}

const KnownProvider *provider_of_exchange(std::string_view host) {
    const auto *const found = std::ranges::find_if(providers, [host](const KnownProvider &provider) {
        return any_word(provider.exchanges, [host](std::string_view one) { return is_within(host, one); });
    });
    return found == providers.end() ? nullptr : found;
}

} // namespace roe::settings
