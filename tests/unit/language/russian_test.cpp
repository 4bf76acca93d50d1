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

// Servers on the Web: Exchange, its proxies, and what they answer in its place.
const Said web[] = {
    {"reaching mail.example.com:443 through the proxy proxy:3128: no answer in time. The server or a firewall "
     "on the way drops the connection. Check server name and port, and that this machine may reach them.",
     "соединение с mail.example.com:443 через прокси proxy:3128: ответа вовремя не было. Соединение "
     "отбрасывает сервер или межсетевой экран на пути к нему. Проверьте имя сервера и порт, а также разрешён "
     "ли к ним доступ с этого компьютера."},
    {"reaching mail.example.com:443 through the proxy proxy:3128: 407 Proxy Authentication Required. Give the "
     "proxy's login and password in the setting HttpProxy of the plugin's configuration, or in HTTPS_PROXY or "
     "HTTP_PROXY of the environment: http://user:password@host:port. The proxy must take Basic.",
     "соединение с mail.example.com:443 через прокси proxy:3128: 407 Proxy Authentication Required. Укажите "
     "логин и пароль прокси в настройке HttpProxy конфигурации плагина или в переменных окружения HTTPS_PROXY "
     "и HTTP_PROXY: http://user:password@host:port. Прокси должен принимать вход способом Basic."},
    {"reading the answer of proxy:3128: it says more than that the tunnel stands",
     "чтение ответа proxy:3128: прокси сообщает не только то, что туннель открыт"},
    {"reading the answer of mail.example.com:443: its answer is compressed, which was not asked for",
     "чтение ответа mail.example.com:443: ответ сжат, хотя об этом не просили"},
    {"signing in to h:443 as CORP\\ann: 401 Unauthorized (NTLM). Check login and password, and that the "
     "account is not locked or its password expired. Exchange takes the login as DOMAIN\\user or as "
     "user@domain; which one depends on the server. Kerberos was tried before the password: no login by "
     "Kerberos: the Kerberos server did not answer in time.",
     "вход на h:443 под именем CORP\\ann: 401 Unauthorized (NTLM). Проверьте логин и пароль, а также не "
     "заблокирована ли учётная запись и не истёк ли срок действия пароля. Exchange принимает логин в виде "
     "DOMAIN\\user или user@domain; в каком именно, зависит от сервера. До пароля был испробован Kerberos: "
     "войти через Kerberos не удалось: сервер Kerberos не ответил вовремя."},
    {"signing in to h:443: HTTP status 401. The server knows ann@EXAMPLE.COM by the ticket and does not let it "
     "in. Give that account access to the mailbox, check the server's service names (HTTP), or switch Kerberos "
     "off and give a password.",
     "вход на h:443: код HTTP 401. Сервер узнал по билету ann@EXAMPLE.COM и не пускает его. Дайте этой учётной "
     "записи доступ к ящику, проверьте имена службы HTTP этого сервера в Kerberos или выключите «Вход через "
     "Kerberos» и введите пароль."},
    {"signing in to h:443 as ann: the server takes no password here. The server takes only these mechanisms: "
     "none. Have NTLM or Basic switched on for it at the server.",
     "вход на h:443 под именем ann: сервер здесь не принимает пароль. Сервер не предлагает ни одного способа "
     "входа. Попросите включить на сервере NTLM или Basic."},
    {"signing in to h:443: the server takes no access token here. The server takes only these mechanisms: "
     "ntlm, negotiate. Use a password, or have OAuth 2.0 switched on at the server.",
     "вход на h:443: сервер здесь не принимает токенов доступа. Сервер принимает только такие способы входа: "
     "ntlm, negotiate. Используйте пароль или попросите включить на сервере OAuth 2.0."},
    {"reading the answer of the Exchange server: the answer is no answer of Exchange Web Services, but "
     "\"Outlook: sign in; please\". Check EWSUrl: it usually is https://SERVER/EWS/Exchange.asmx. An address "
     "that ends in /owa or /ecp, or a sign-in page or proxy in between, answers people, not programs.",
     "чтение ответа сервера Exchange: это не ответ веб-служб Exchange, а «Outlook: sign in; please». Проверьте "
     "EWSUrl: обычно это https://СЕРВЕР/EWS/Exchange.asmx. Адрес, который оканчивается на /owa или /ecp, а "
     "также страница входа или прокси на пути к серверу отвечают людям, а не программам."},
    {"reading the answer of the Exchange server: the answer has a mail without its id",
     "чтение ответа сервера Exchange: в ответе есть письмо без идентификатора"},
    {"[ErrorExceededConnectionCount] You have exceeded the available concurrent connections. The login has too "
     "many connections open: other programs use it, too, or the throttling policy (EwsMaxConcurrency) is "
     "narrow.",
     "[ErrorExceededConnectionCount] You have exceeded the available concurrent connections. У учётной записи "
     "открыто слишком много соединений: ею пользуются и другие программы или политика регулирования "
     "(EwsMaxConcurrency) слишком строга."},
    {"HTTP status 404. Check EWSUrl: it usually is https://SERVER/EWS/Exchange.asmx.",
     "код HTTP 404. Проверьте EWSUrl: обычно это https://СЕРВЕР/EWS/Exchange.asmx."},
    {"HTTP status 302. The server sends us to another address. Check EWSUrl; if the other one is right, enter "
     "it.",
     "код HTTP 302. Сервер перенаправляет на другой адрес. Проверьте EWSUrl; если верен другой адрес, введите "
     "его."},
};

// An Exchange mailbox: its form, its test, and its faults.
const Said exchange[] = {
    {"EWSUrl: is required: the address of the web services of the Exchange server, as "
     "https://server/EWS/Exchange.asmx",
     "EWSUrl: обязательное поле: адрес веб-служб сервера Exchange, например https://server/EWS/Exchange.asmx"},
    {"must begin with https://, as https://server/EWS/Exchange.asmx",
     "должно начинаться с https://, например https://server/EWS/Exchange.asmx"},
    {"must not hold a login: it has a field of its own",
     "не должно содержать логина: для него есть отдельное поле"},
    {"connected to 192.0.2.1, port 443, which answers as a web server",
     "соединение с 192.0.2.1, порт 443, установлено; ответ веб-сервера получен"},
    {"INBOX is open; new mail is noticed by EWS streaming",
     "папка INBOX открыта; новые письма обнаруживает поток уведомлений EWS"},
    {"opening the folder Счета: there is no folder \"Счета\". Check the folder's name. The mailbox has: "
     "Входящие, Заказы: 2026",
     "открытие папки Счета: папки «Счета» нет. Проверьте имя папки. В ящике есть папки: Входящие, Заказы: "
     "2026"},
    {"looking for new mail in INBOX on h: the server sends us on to https://outlook.example.com/owa/. If that "
     "is your Exchange server, enter this address as EWSUrl. It is not followed by itself, as the login would "
     "go there.",
     "поиск новых писем в папке INBOX на h: сервер перенаправляет на https://outlook.example.com/owa/. Если "
     "это ваш сервер Exchange, введите этот адрес в поле EWSUrl. Сам плагин по нему не переходит, чтобы не "
     "передать туда логин и пароль."},
    {"looking for new mail in INBOX on h: the server sends us on again and again. Check EWSUrl.",
     "поиск новых писем в папке INBOX на h: сервер перенаправляет снова и снова. Проверьте EWSUrl."},
    {"moving mail to Archive: that is the folder that is watched. Choose another folder for \"Move to\".",
     "перенос писем в папку Archive: за этой папкой идёт наблюдение. Выберите другую папку в поле «Переместить "
     "в»."},
    {"reading what has changed in INBOX on h: [ErrorServerBusy] The server cannot service this request right "
     "now. The server asks to come back later; it is tried again by itself.",
     "чтение изменений в папке INBOX на h: [ErrorServerBusy] The server cannot service this request right now. "
     "Сервер просит обратиться позже; попытка повторится сама."},
    {"recording what the server tells (PostgreSQL the default database on this machine): deadlock detected",
     "запись изменений, сообщённых сервером (PostgreSQL, база данных по умолчанию на этом компьютере): "
     "deadlock detected"},
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
INSTANTIATE_TEST_SUITE_P(Web, Russian, testing::ValuesIn(web));
INSTANTIATE_TEST_SUITE_P(Exchange, Russian, testing::ValuesIn(exchange));
INSTANTIATE_TEST_SUITE_P(Steps, Russian, testing::ValuesIn(steps));
INSTANTIATE_TEST_SUITE_P(Reasons, Russian, testing::ValuesIn(reasons));

} // namespace
