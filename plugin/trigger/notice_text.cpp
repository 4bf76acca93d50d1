#include "trigger/notice_text.hpp"

namespace roe::trigger {
namespace {

struct Words {
    std::string english;
    std::string russian;
};

Words of_outcome(const Notice &notice) {
    const auto code = notice.exit_code.value_or(0);
    const auto with_code = [&](const char *words) {
        return code == 0 ? std::string() : words + std::to_string(code);
    };
    switch (notice.outcome) {
    case MailOutcome::succeeded:
        return {"Your mail has been processed: the task has succeeded.",
                "Ваше письмо обработано: задание выполнено."};
    case MailOutcome::failed:
        return {"Your mail could not be processed: the task has failed" + with_code(" with exit code ") + ".",
                "Ваше письмо не обработано: задание завершилось ошибкой" + with_code(", код ") + "."};
    case MailOutcome::interrupted:
        return {"It is not certain that your mail was processed: the task was interrupted.",
                "Неизвестно, обработано ли ваше письмо: задание было прервано."};
    case MailOutcome::not_started:
        break;
    }
    return {
        "Your mail has not been processed: the task could not be started. If it is started later, its outcome "
        "will be sent to you.",
        "Ваше письмо не обработано: задание не удалось запустить. Если оно будет запущено позже, вы получите "
        "его результат."};
}

void add_line(std::string &text, const char *title, const std::string &value) {
    if (!value.empty()) text.append(title).append(": ").append(value).append("\n");
}

} // namespace

orch::sdk::Notification message_to(const ledger::Author &author, const Notice &notice) {
    const auto words = of_outcome(notice);
    std::string text = words.english + "\n\n";
    add_line(text, "Mail", author.subject);
    add_line(text, "Task", notice.task);
    add_line(text, "Ended", notice.ended_at);
    text += "This message was written by a program; answers to it are not read.\n\n" + words.russian + "\n\n";
    add_line(text, "Письмо", author.subject);
    add_line(text, "Задание", notice.task);
    add_line(text, "Завершено", notice.ended_at);
    text += "Это сообщение создано программой; ответы на него не читаются.\n";

    orch::sdk::Notification message;
    message.to = {author.address};
    // RFC 3834 §3.1.5.
    message.subject = "Auto: " + (author.subject.empty() ? notice.task : author.subject);
    message.text = std::move(text);
    if (!author.message_id.empty()) message.in_reply_to = author.message_id;
    message.references = author.references;
    return message;
}

} // namespace roe::trigger
