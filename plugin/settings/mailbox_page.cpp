// The settings page "Incoming email" as any form library can render it.
#include <optional>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/form_fields.hpp"
#include "settings/mailbox.hpp"

namespace roe::settings {

using nlohmann::json;

namespace {

json with(json field, const char *key, json value) {
    field[key] = std::move(value);
    return field;
}

json secret(const char *en, const char *ru) {
    return with(labelled("string", en, ru), "writeOnly", true);
}

json port_field(const char *title) {
    auto port = labelled("integer", title, title);
    port["minimum"] = 1;
    port["maximum"] = UINT16_MAX;
    return port;
}

json column(const char *name, const char *en, const char *ru) {
    return {{"field", name}, {"title", both(en, ru)}};
}

// Shown when somebody asks for more of a mailbox.
json detail(const char *name, const char *en, const char *ru) {
    return with(column(name, en, ru), "more", true);
}

json protocol_is(json which) {
    return {{"properties", {{"Protocol", std::move(which)}}}, {"required", {"Protocol"}}};
}

json server_of(const char *protocol, const char *field) {
    return {{"if", protocol_is({{"const", protocol}})},
            {"then", {{"required", {field}}, {"properties", {{field, {{"minLength", 1}}}}}}}};
}

// The password is asked for where it is used; the port's default follows the switches.
json conditions() {
    return json::array(
        {{{"if",
           {{"anyOf",
             json::array({{{"properties", {{"RequireAuthenticate", {{"const", false}}}}},
                           {"required", {"RequireAuthenticate"}}},
                          {{"properties", {{"Kerberos", {{"const", true}}}}}, {"required", {"Kerberos"}}},
                          {{"properties", {{"OAuth", {{"type", "object"}}}}}, {"required", {"OAuth"}}}})}}},
          {"then", json::object()},
          {"else", {{"required", {"Password"}}, {"properties", {{"Password", {{"minLength", 1}}}}}}}},
         {{"if", {{"properties", {{"Kerberos", {{"const", true}}}}}, {"required", {"Kerberos"}}}},
          {"then", {{"properties", {{"OAuth", {{"type", "null"}}}}}}}},
         server_of("POP3", "Pop3"),
         server_of("IMAP", "Imap"),
         server_of("MS Exchange", "EWSUrl")});
}

// Shown while the form says so. Until a protocol is chosen, the default counts.
json while_protocol(const char *protocol, json ui) {
    ui["ui:when"] = protocol_is({{"const", protocol}});
    return ui;
}

json while_protocol_of(std::vector<const char *> protocols, json ui) {
    ui["ui:when"] = protocol_is({{"enum", std::move(protocols)}});
    return ui;
}

json warning(json when, const char *en, const char *ru) {
    return {{"when", std::move(when)}, {"text", both(en, ru)}};
}

// The two switches mean nothing by Exchange, whose address says it.
json switches_are(bool plain, std::optional<bool> ssl) {
    json when = protocol_is({{"enum", {"POP3", "IMAP"}}});
    when["properties"]["UseStandartNotSSLPort"] = {{"const", plain}};
    when["required"].push_back("UseStandartNotSSLPort");
    if (ssl) {
        when["properties"]["UseSsl"] = {{"const", *ssl}};
        when["required"].push_back("UseSsl");
    }
    return when;
}

json exchange_at(const char *pattern) {
    json when = protocol_is({{"const", "MS Exchange"}});
    when["properties"]["EWSUrl"] = {{"type", "string"}, {"pattern", pattern}};
    when["required"].push_back("EWSUrl");
    return when;
}

// Of what a person is warned before the form is sent.
json warnings() {
    return json::array(
        {warning(switches_are(true, std::nullopt),
                 "With \"Use standart not SSL Port\" on nothing is encrypted: the password and the mails "
                 "cross the network in clear.",
                 "Когда «Use standart not SSL Port» включён, шифрования нет: пароль и письма передаются по "
                 "сети открыто."),
         warning(switches_are(false, false),
                 "With \"Use Ssl\" off a server that offers no encryption gets the password in clear.",
                 "Когда «Use Ssl» выключен, сервер, который не предлагает шифрования, получит пароль открыто."),
         warning(
             exchange_at("^\\s*[hH][tT][tT][pP]://"),
             "An address that begins with http:// means no encryption: the mails cross the network in clear, "
             "and the password where the server takes no NTLM. Write https:// where the server offers it.",
             "Адрес с http:// означает соединение без шифрования: письма передаются по сети открыто, а если "
             "сервер не принимает NTLM, то и пароль. Введите адрес с https://, если сервер это поддерживает."),
         warning(
             exchange_at("([oO][uU][tT][lL][oO][oO][kK]\\.([oO][fF][fF][iI][cC][eE](365)?|[lL][iI][vV][eE])"
                         "\\.[cC][oO][mM])"),
             "Exchange Online takes no passwords, has been closing EWS tenant by tenant since October 2026 "
             "and ends it on 1 April 2027. Choose IMAP with OAuth 2.0.",
             "Exchange Online не принимает паролей, с октября 2026 года отключает EWS у одной организации за "
             "другой, а 1 апреля 2027 года отключит совсем. Выберите IMAP с OAuth 2.0.")});
}

json action_titles() {
    return {{"test-connection", both("Test connection", "Проверить соединение")},
            {"detect-settings", both("Detect settings", "Определить настройки")},
            {"folders", both("Folders", "Папки")},
            {"pause", both("Pause", "Приостановить")},
            {"resume", both("Resume", "Возобновить")}};
}

// Which actions are about an item as it is kept, and while it is how.
json row_actions() {
    const json paused = {{"properties", {{"state", {{"const", "paused"}}}}}};
    return {{"pause", {{"not", paused}}}, {"resume", paused}};
}

} // namespace

json describe_page() {
    const json properties = {
        {"Email", with(labelled("string", "Email", "Email"), "format", "email")},
        {"Login", labelled("string", "Login", "Логин")},
        {"Password", secret("Password", "Пароль")},
        {"Protocol",
         with(with(labelled("string", "Protocol", "Выбрать протокол"), "enum", {"POP3", "IMAP", "MS Exchange"}),
              "default", "POP3")},
        {"Pop3", labelled("string", "Pop3", "Pop3")},
        {"Pop3Port", port_field("Pop3 Port")},
        {"Imap", labelled("string", "Imap", "Imap")},
        {"ImapPort", port_field("Imap Port")},
        {"ImapFolder", with(labelled("string", "Folder", "Папка"), "default", "INBOX")},
        {"EWSUrl", labelled("string", "EWSUrl", "EWSUrl")},
        {"Impersonate", with(labelled("boolean", "Impersonate", "Олицетворение"), "default", false)},
        {"RequireAuthenticate",
         with(labelled("boolean", "Require Authenticate", "Require Authenticate"), "default", true)},
        {"UseSsl", with(labelled("boolean", "Use Ssl", "Use Ssl"), "default", true)},
        {"UseStandartNotSSLPort",
         with(labelled("boolean", "Use standart not SSL Port", "Use standart not SSL Port"), "default", true)},
        {"RemoveReceived",
         with(labelled("boolean", "Delete received mail", "Удалять полученные письма"), "default", false)},
        {"OAuth", describe_oauth()},
        {"Kerberos",
         with(labelled("boolean", "Sign in with Kerberos", "Вход через Kerberos"), "default", false)},
        {"CaCertificate", labelled("string", "CA certificate", "Сертификат ЦС")},
        {"CertificateSha256", labelled("string", "Fingerprint", "Отпечаток")},
        {"ClientCertificate", secret("Client certificate", "Сертификат клиента")},
        {"MoveTo", labelled("string", "Move to", "Переместить в")},
        {"Keyword", labelled("string", "Keyword", "Пометить")},
        {"TrustedAuthserv", labelled("string", "Trusted authserv-id", "Доверенный сервер проверки")}};
    const json ui = {
        {"ui:warn", warnings()},
        {"ui:order",
         {"Email",
          "Login",
          "Password",
          "Protocol",
          "Pop3",
          "Pop3Port",
          "Imap",
          "ImapPort",
          "ImapFolder",
          "EWSUrl",
          "RequireAuthenticate",
          "UseSsl",
          "UseStandartNotSSLPort",
          "RemoveReceived",
          "OAuth",
          "Kerberos",
          "CaCertificate",
          "CertificateSha256",
          "ClientCertificate",
          "Impersonate",
          "MoveTo",
          "Keyword",
          "TrustedAuthserv"}},
        {"Email",
         {{"ui:help", both("\"Detect settings\" fills in what is known of its provider",
                           "«Определить настройки» заполнит то, что известно о провайдере")}}},
        {"Login",
         {{"ui:help", both("Only when it differs from the address", "Только если отличается от адреса")}}},
        {"Password",
         {{"ui:widget", "password"},
          {"ui:help",
           both("Many providers want an application password instead of the usual one. Left empty, the "
                "saved one stays; it must be typed again when the server or its encryption changes",
                "Многие провайдеры требуют пароль приложения вместо обычного. Если оставить пустым, "
                "останется сохранённый; при смене сервера или шифрования его вводят заново")}}},
        {"Pop3", while_protocol("POP3", json::object())},
        {"Imap", while_protocol("IMAP", json::object())},
        {"ImapFolder", while_protocol("IMAP", {{"ui:help", both("\"Folders\" lists those that the server has",
                                                                "«Папки» покажет те, что есть на сервере")}})},
        {"EWSUrl",
         while_protocol(
             "MS Exchange",
             {{"ui:placeholder", "https://server/EWS/Exchange.asmx"},
              {"ui:help", both("https://server/EWS/Exchange.asmx. The server's name alone will do, or "
                               "the address of Outlook on the web",
                               "https://server/EWS/Exchange.asmx. Достаточно имени сервера или адреса "
                               "Outlook в Интернете")}})},
        {"Impersonate",
         while_protocol(
             "MS Exchange",
             {{"ui:group", "more"},
              {"ui:help",
               both("On: the login acts as the mailbox's owner (role ApplicationImpersonation). Off: "
                    "with its own rights in the mailbox (full access or a delegate's)",
                    "Вкл.: учётная запись действует от имени владельца ящика (роль ApplicationImpersonation). "
                    "Выкл.: с собственными правами на ящик (полный доступ или делегирование)")}})},
        {"RequireAuthenticate",
         {{"ui:help", both("Off: no login is sent at all", "Выкл.: вход не выполняется вовсе")}}},
        {"UseSsl",
         while_protocol_of(
             {"POP3", "IMAP"},
             {{"ui:help",
               both("On: encryption is required. Off: STARTTLS only where the server offers it. Counts while "
                    "\"Use standart not SSL Port\" is off",
                    "Вкл.: шифрование обязательно. Выкл.: STARTTLS, только если сервер его предлагает. "
                    "Действует, пока «Use standart not SSL Port» выключен")}})},
        {"RemoveReceived",
         {{"ui:help",
           both("On: a mail is deleted once its jobs are taken. Off: it is marked as read by IMAP and "
                "Exchange, left alone by POP3",
                "Вкл.: письмо удаляется, когда его запуски приняты. Выкл.: IMAP и Exchange помечают его "
                "прочитанным, POP3 не трогает")}}},
        {"Pop3Port",
         while_protocol("POP3", {{"ui:help", both("110, or 995 when the connection is encrypted from the start",
                                                  "110 или 995, если соединение шифруется с самого начала")}})},
        {"ImapPort",
         while_protocol("IMAP", {{"ui:help", both("143, or 993 when the connection is encrypted from the start",
                                                  "143 или 993, если соединение шифруется с самого начала")}})},
        {"UseStandartNotSSLPort",
         while_protocol_of(
             {"POP3", "IMAP"},
             {{"ui:help",
               both("On: no encryption at all, the password and the mails cross the network in clear",
                    "Вкл.: без шифрования, пароль и письма передаются по сети открыто")}})},
        {"OAuth",
         {{"ui:order",
           {"Preset", "Grant", "TokenEndpoint", "ClientId", "ClientSecret", "RefreshToken", "Scope"}},
          {"ui:help",
           both("Instead of a password, for services that take none (Microsoft 365, Gmail). A client alone, or "
                "by "
                "the refresh token of a person's consent. Left empty, saved secrets stay; they must be typed "
                "again "
                "when the token endpoint changes",
                "Вместо пароля, для служб, которые его не принимают (Microsoft 365, Gmail): от имени клиента "
                "или по токену обновления, полученному с согласия пользователя. Если секреты оставить пустыми, "
                "останутся сохранённые; при смене адреса выдачи токенов их вводят заново")}}},
        {"Kerberos",
         {{"ui:help", both("By the Kerberos ticket of the account that the orchestrator runs as (credential "
                           "cache or client "
                           "keytab); no password is needed. One that is given is tried where Kerberos fails. "
                           "The login is the "
                           "mailbox that the server is asked for. Not with OAuth 2.0",
                           "По билету Kerberos учётной записи, под которой работает оркестратор (кэш билетов "
                           "или клиентский "
                           "keytab); пароль не нужен. Если он задан, то пробуется, когда вход через Kerberos "
                           "не удался. Поле "
                           "«Логин» указывает, какой ящик открыть. Несовместимо с OAuth 2.0")}}},
        {"CaCertificate",
         {{"ui:widget", "textarea"},
          {"ui:group", "more"},
          {"ui:help",
           both("PEM of an authority of your own that vouches for the server",
                "PEM вашего собственного центра сертификации, который заверил сертификат сервера")}}},
        {"CertificateSha256",
         {{"ui:group", "more"},
          {"ui:help",
           both("SHA-256 of the one certificate to accept; \"Test connection\" offers it",
                "SHA-256 единственного допустимого сертификата; его предлагает «Проверить соединение»")}}},
        {"ClientCertificate",
         {{"ui:widget", "textarea"},
          {"ui:group", "more"},
          {"ui:help", both("PEM with its key, for servers that ask for one",
                           "PEM вместе с ключом, для серверов, которые требуют сертификат клиента")}}},
        {"MoveTo",
         while_protocol_of(
             {"IMAP", "MS Exchange"},
             {{"ui:group", "more"},
              {"ui:help", both("A folder that there is, to move a mail to once its jobs are taken",
                               "Существующая папка, куда письмо переносится, когда его запуски приняты")}})},
        {"Keyword",
         while_protocol_of(
             {"IMAP", "MS Exchange"},
             {{"ui:group", "more"},
              {"ui:help",
               both("What to mark a mail with once its jobs are taken: one word by IMAP, a category by "
                    "Exchange",
                    "Чем пометить письмо, запуски которого приняты: одним словом в IMAP, категорией в "
                    "Exchange")}})},
        {"TrustedAuthserv",
         {{"ui:group", "more"},
          {"ui:help",
           both("What stands first in the Authentication-Results that this mailbox's own server writes, as "
                "mx.example.com. Triggers with \"Sender authenticated\" believe this server only; it must "
                "remove "
                "fields of its name that come with a mail",
                "Имя, которое сервер этого ящика ставит первым в поле Authentication-Results, например "
                "mx.example.com. Триггеры с условием «Отправитель подтверждён» верят только ему; он должен "
                "удалять "
                "поля с этим именем, пришедшие вместе с письмом")}}}};
    return {
        {"id", "incoming-email"},
        {"title", both("Incoming email", "Email входящей почты")},
        {"schema",
         {{"$schema", "https://json-schema.org/draft/2020-12/schema"},
          {"type", "object"},
          {"required", {"Email", "Protocol"}},
          {"additionalProperties", false},
          {"properties", properties},
          {"allOf", conditions()}}},
        {"uiSchema", ui},
        {"columns",
         {column("Email", "Email", "Email"), column("state", "State", "Состояние"),
          column("lastMail", "Last mail", "Последнее письмо"),
          column("error", "Last error", "Последняя ошибка"), column("Protocol", "Protocol", "Протокол"),
          detail("Pop3", "Pop3", "Pop3"), detail("Imap", "Imap", "Imap"), detail("EWSUrl", "EWSUrl", "EWSUrl"),
          detail("UseStandartNotSSLPort", "Use standart not SSL Port", "Use standart not SSL Port"),
          detail("UseSsl", "Use Ssl", "Use Ssl"),
          detail("RemoveReceived", "Delete received mail", "Удалять полученные письма"),
          detail("since", "Since", "В этом состоянии с")}},
        {"actions", {"test-connection", "detect-settings", "folders", "pause", "resume"}},
        {"actionTitles", action_titles()},
        {"addTitle", both("Add Email", "Добавить Email")},
        {"rowActions", row_actions()},
        {"fills", {{"folders", "ImapFolder"}, {"test-connection", "CertificateSha256"}}}};
}

} // namespace roe::settings
