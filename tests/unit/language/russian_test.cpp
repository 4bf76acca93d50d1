// Texts as the plugin composes them, in the words of the Russian catalogue.
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "language/catalogue.hpp"

namespace {

struct Said {
    std::string english;
    std::string russian;
};

class Russian : public testing::TestWithParam<Said> {};

TEST_P(Russian, Is_what_the_plugin_says) {
    EXPECT_EQ(roe::language::russian().translate(GetParam().english), GetParam().russian);
}

// What people have written and what servers answer passes as it is.
const Said reports[] = {
    {"connecting to imap.example.com:993: 192.0.2.1: Connection refused. Nothing accepts connections on this "
     "port. Check the port, and that the mail service runs.",
     "соединение с imap.example.com:993: 192.0.2.1: соединение отклонено. Этот порт никто не слушает. "
     "Проверьте "
     "порт и работает ли почтовая служба."},
    {"connecting to imap.example.com:993: 192.0.2.1: Connection refused; no answer in time",
     "соединение с imap.example.com:993: 192.0.2.1: соединение отклонено; ответа вовремя не было"},
    {"signing in to imap.example.com as ann@example.com: [AUTHENTICATIONFAILED] Invalid credentials: try again",
     "вход на imap.example.com под именем ann@example.com: [AUTHENTICATIONFAILED] Invalid credentials: try "
     "again"},
    {"signing in to h as a: the server takes no access token here. The server takes only these mechanisms: "
     "PLAIN, "
     "LOGIN. Use a password, or have OAuth 2.0 switched on at the server.",
     "вход на h под именем a: сервер здесь не принимает токенов доступа. Сервер принимает только такие способы "
     "входа: PLAIN, LOGIN. Используйте пароль или попросите включить на сервере OAuth 2.0."},
    {"signing in to h as a: the server did not take the access token (400); it wants the scope mail: [NO] "
     "failed",
     "вход на h под именем a: сервер не принял токен доступа (400); ему нужна область доступа mail: [NO] "
     "failed"},
    {"opening INBOX on h: reading from h:993: the server closed the connection",
     "открытие папки INBOX на h: получение данных от h:993: сервер закрыл соединение"},
    {"looking for new mail in Заказы: 2026 on h: not connected",
     "поиск новых писем в папке Заказы: 2026 на h: нет соединения"},
    {"looking for new mail in the mailbox on h: the server did not answer in time",
     "поиск новых писем в ящике на h: сервер не ответил вовремя"},
    {"getting an access token from https://login.example.com/token: HTTP status 503",
     "получение токена доступа с https://login.example.com/token: код HTTP 503"},
    {"setting up TLS with h:993: the certificate is for another host: a.example.com, b.example.com",
     "установление TLS-соединения с h:993: сертификат выдан другому серверу: a.example.com, b.example.com"},
    {"It, or an authority above it, is no longer valid; the server's own was valid until 2026-01-31T00:00:00Z. "
     "Have it renewed on the server, and check this machine's clock. If you are sure that this is your server, "
     "to "
     "trust exactly this certificate, put its SHA-256 fingerprint into the mailbox: 0a1b",
     "Истёк срок сертификата сервера или заверившего его центра; сам сертификат сервера действовал до "
     "2026-01-31T00:00:00Z. Попросите обновить его на сервере и проверьте часы этого компьютера. Если вы "
     "уверены, "
     "что это ваш сервер, то, чтобы доверять именно этому сертификату, внесите в настройки ящика его отпечаток "
     "SHA-256: 0a1b"},
    {"Check login and password. Many providers want IMAP switched on in the mailbox's settings and an "
     "application "
     "password instead of the usual one. Kerberos was tried before the password: the Kerberos server did not "
     "answer in time.",
     "Проверьте логин и пароль. Многие провайдеры требуют включить IMAP в настройках ящика и использовать "
     "пароль "
     "приложения вместо обычного. До пароля был испробован Kerberos: сервер Kerberos не ответил вовремя."},
    {"reading the base mailbox from the host's configuration: Password: is required while Require Authenticate "
     "is "
     "on; Pop3: is required: the name of the POP3 server",
     "чтение ящика тенанта из конфигурации оркестратора: Password: обязательное поле, пока включён «Require "
     "Authenticate»; Pop3: обязательное поле: имя сервера POP3"},
    {"reading the message log (PostgreSQL the default database on this machine): deadlock detected",
     "чтение журнала писем (PostgreSQL, база данных по умолчанию на этом компьютере): deadlock detected"},
    {"listing the folders on h: that took too long",
     "получение списка папок на h: это заняло слишком много времени"},
};

const Said steps[] = {
    {"INBOX is open; new mail is noticed by polling", "папка INBOX открыта; новые письма обнаруживает опрос"},
    {"17 mails are there, 3 of them unread", "писем в папке: 17, из них непрочитанных: 3"},
    {"not encrypted: anybody on the way can read the login and every mail; the server offers no STARTTLS on "
     "this "
     "port",
     "без шифрования: любой на пути может прочитать логин, пароль и все письма; на этом порту сервер не "
     "предлагает "
     "STARTTLS"},
    {"TLSv1.3, TLS_AES_256_GCM_SHA384; certificate of CN = h, issued by CN = Our CA, valid until "
     "2027-01-01T00:00:00Z; trusted by its fingerprint",
     "TLSv1.3, TLS_AES_256_GCM_SHA384; сертификат CN = h, выдан CN = Our CA, действует до "
     "2027-01-01T00:00:00Z; "
     "доверие по отпечатку"},
    {"IMAP IDLE; deleted mail is only marked as deleted, as the server has no UIDPLUS",
     "IMAP IDLE; удаляемые письма только помечаются удалёнными, так как на сервере нет UIDPLUS"},
    {"must be one word of ASCII letters, digits and signs other than (){}[]%*\"\\",
     "должно быть одним словом из букв ASCII, цифр и знаков, кроме (){}[]%*\"\\"},
};

const Said reasons[] = {
    {"From is Ann <ann@example.org>, as wanted by: ann. Subject \"Re: the mailbox was deleted\" contains \"Re: "
     "\". "
     "The other conditions are met.",
     "Отправитель — Ann <ann@example.org>, подходит под условие: ann. Тема «Re: the mailbox was deleted» "
     "содержит "
     "«Re: ». Остальные условия выполнены."},
    {"From is missing, none of: ann@example.org; @example.com.",
     "Отправитель не указан, а нужен один из: ann@example.org; @example.com."},
    {"Condition 2 is not met (not: header X-Spam contains \"yes\"): X-Spam is \"yes; not connected\".",
     "Условие 2 не выполнено (не: «Поле заголовка» X-Spam содержит «yes»): поле X-Spam — «yes; not "
     "connected»."},
    {"Condition 1 is not met (body contains \"order\").",
     "Условие 1 не выполнено («Текст письма» содержит «order»)."},
    {"Condition 1 is not met (senderAuthenticated is true): dmarc is fail.",
     "Условие 1 не выполнено («Отправитель подтверждён» — да): результат DMARC: fail."},
    {"The brake of the task: it has started 10 jobs within 60 min, and may start 10. Held until a person lets "
     "them "
     "go.",
     "Тормоз задания: число запусков за 60 мин — 10, разрешено 10. Запуски задержаны, пока их не отпустит "
     "человек."},
    {"only a message that was skipped or delivered can be started again; this message is held",
     "запустить ещё раз можно только пропущенное или уже запущенное письмо; состояние этого письма: задержано"},
};

// What is in holes is taken apart once, and not for each way to take apart what is around it.
TEST(RussianCatalogue, Words_in_words_in_words_cost_little) {
    std::string nested;
    for (int i = 0; i < 1000; ++i)
        nested += "not: ";
    EXPECT_TRUE(roe::language::russian().translate(nested).starts_with("не: "));
}

INSTANTIATE_TEST_SUITE_P(Reports, Russian, testing::ValuesIn(reports));
INSTANTIATE_TEST_SUITE_P(Steps, Russian, testing::ValuesIn(steps));
INSTANTIATE_TEST_SUITE_P(Reasons, Russian, testing::ValuesIn(reasons));

} // namespace
