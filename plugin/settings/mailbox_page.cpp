// The settings page "Incoming email" as any form library can render it.
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
         {{"if", {{"properties", {{"Protocol", {{"const", "IMAP"}}}}}, {"required", {"Protocol"}}}},
          {"then", {{"required", {"Imap"}}}},
          {"else", {{"required", {"Pop3"}}}}}});
}

// Shown while the form says so.
json while_protocol(const char *protocol, json ui) {
    // Until one is chosen, the default counts.
    ui["ui:when"] = {{"properties", {{"Protocol", {{"const", protocol}}}}}, {"required", {"Protocol"}}};
    return ui;
}

// Of what a person is warned before the form is sent.
json warnings() {
    return json::array(
        {{{"when",
           {{"properties", {{"UseStandartNotSSLPort", {{"const", true}}}}},
            {"required", {"UseStandartNotSSLPort"}}}},
          {"text",
           both("With \"Use standart not SSL Port\" on nothing is encrypted: the password and the mails "
                "cross the network in clear.",
                "Когда «Use standart not SSL Port» включён, шифрования нет: пароль и письма передаются по "
                "сети открыто.")}},
         {{"when",
           {{"properties", {{"UseStandartNotSSLPort", {{"const", false}}}, {"UseSsl", {{"const", false}}}}},
            {"required", {"UseStandartNotSSLPort", "UseSsl"}}}},
          {"text", both("With \"Use Ssl\" off a server that offers no encryption gets the password in clear.",
                        "Когда «Use Ssl» выключен, сервер, который не предлагает шифрования, получит пароль "
                        "открыто.")}}});
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
        {"Protocol", with(with(labelled("string", "Protocol", "Выбрать протокол"), "enum", {"POP3", "IMAP"}),
                          "default", "POP3")},
        {"Pop3", labelled("string", "Pop3", "Pop3")},
        {"Pop3Port", port_field("Pop3 Port")},
        {"Imap", labelled("string", "Imap", "Imap")},
        {"ImapPort", port_field("Imap Port")},
        {"ImapFolder", with(labelled("string", "Folder", "Папка"), "default", "INBOX")},
        {"EWSUrl", labelled("string", "EWSUrl", "EWSUrl")},
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
        // Taken, so that a form of every protocol is; nothing that can be chosen here uses it.
        {"EWSUrl", {{"ui:widget", "hidden"}}},
        {"RequireAuthenticate",
         {{"ui:help", both("Off: no login is sent at all", "Выкл.: вход не выполняется вовсе")}}},
        {"UseSsl",
         {{"ui:help",
           both("On: encryption is required. Off: STARTTLS only where the server offers it. Counts while "
                "\"Use standart not SSL Port\" is off",
                "Вкл.: шифрование обязательно. Выкл.: STARTTLS, только если сервер его предлагает. "
                "Действует, пока «Use standart not SSL Port» выключен")}}},
        {"RemoveReceived",
         {{"ui:help",
           both("On: a mail is deleted once its jobs are taken. Off: it is marked as read by IMAP, left alone "
                "by POP3",
                "Вкл.: письмо удаляется, когда его запуски приняты. Выкл.: IMAP помечает его прочитанным, POP3 "
                "не трогает")}}},
        {"Pop3Port",
         while_protocol("POP3", {{"ui:help", both("110, or 995 when the connection is encrypted from the start",
                                                  "110 или 995, если соединение шифруется с самого начала")}})},
        {"ImapPort",
         while_protocol("IMAP", {{"ui:help", both("143, or 993 when the connection is encrypted from the start",
                                                  "143 или 993, если соединение шифруется с самого начала")}})},
        {"UseStandartNotSSLPort",
         {{"ui:help", both("On: no encryption at all, the password and the mails cross the network in clear",
                           "Вкл.: без шифрования, пароль и письма передаются по сети открыто")}}},
        {"OAuth",
         {{"ui:help",
           both(
               "Instead of a password, for services that take none (Microsoft 365, Gmail). A client alone, or "
               "by "
               "the refresh token of a person's consent. Left empty, saved secrets stay; they must be typed "
               "again "
               "when the token endpoint changes",
               "Вместо пароля, для служб, которые его не принимают (Microsoft 365, Gmail): от имени приложения "
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
                           "не удался. Логин "
                           "называет серверу ящик. Несовместимо с OAuth 2.0")}}},
        {"CaCertificate",
         {{"ui:widget", "textarea"},
          {"ui:group", "more"},
          {"ui:help", both("PEM of an authority of your own that vouches for the server",
                           "PEM собственного центра, который заверил сертификат сервера")}}},
        {"CertificateSha256",
         {{"ui:group", "more"},
          {"ui:help",
           both("SHA-256 of the one certificate to accept; \"Test connection\" offers it",
                "SHA-256 единственного допустимого сертификата; его предлагает «Проверить соединение»")}}},
        {"ClientCertificate",
         {{"ui:widget", "textarea"},
          {"ui:group", "more"},
          {"ui:help", both("PEM with its key, for servers that ask for one",
                           "PEM с ключом, для серверов, которые его требуют")}}},
        {"MoveTo",
         {{"ui:group", "more"},
          {"ui:help",
           both("A folder that there is, to move a mail to once its jobs are taken. IMAP only",
                "Существующая папка, куда письмо переносится, когда его запуски приняты. Только IMAP")}}},
        {"Keyword",
         {{"ui:group", "more"},
          {"ui:help", both("One word to mark a mail with once its jobs are taken. IMAP only",
                           "Метка из одного слова для письма, запуски которого приняты. Только IMAP")}}},
        {"TrustedAuthserv",
         {{"ui:group", "more"},
          {"ui:help",
           both("What stands first in the Authentication-Results that this mailbox's own server writes, as "
                "mx.example.com. Triggers with \"Sender authenticated\" believe this server only; it must "
                "remove "
                "fields of its name that come with a mail",
                "Что стоит первым в Authentication-Results, которые пишет сервер этого ящика, например "
                "mx.example.com. Триггеры с условием «Отправитель подтверждён» верят только ему; он должен "
                "удалять "
                "поля со своим именем, пришедшие с письмом")}}}};
    return {{"id", "incoming-email"},
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
              detail("Pop3", "Pop3", "Pop3"), detail("Imap", "Imap", "Imap"),
              detail("UseStandartNotSSLPort", "Use standart not SSL Port", "Use standart not SSL Port"),
              detail("UseSsl", "Use Ssl", "Use Ssl"),
              detail("RemoveReceived", "Delete received mail", "Удалять полученные письма"),
              detail("since", "Since", "С")}},
            {"actions", {"test-connection", "detect-settings", "folders", "pause", "resume"}},
            {"actionTitles", action_titles()},
            {"addTitle", both("Add Email", "Добавить Email")},
            {"rowActions", row_actions()},
            {"fills", {{"folders", "ImapFolder"}, {"test-connection", "CertificateSha256"}}}};
}

} // namespace roe::settings
