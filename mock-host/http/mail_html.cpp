#include "http/mail_html.hpp"

#include <algorithm>
#include <map>
#include <regex>
#include <string_view>

#include <Poco/Exception.h>
#include <Poco/URI.h>

#include "base/files.hpp"
#include "http/job_mail.hpp"
#include "security/base64.hpp"

namespace host::http {
namespace {

constexpr std::uintmax_t largest_picture = 1U << 20U;
constexpr std::uintmax_t largest_together = 5U << 20U;

// What is shown stands within an attribute: the type must hold nothing that ends it, or the URL.
bool is_picture(const std::string &media_type) {
    static const std::regex picture("image/[A-Za-z0-9.+-]{1,60}", std::regex::icase);
    return std::regex_match(media_type, picture);
}

class Pictures {
  public:
    Pictures(const nlohmann::json &attachments, const KeptFile &kept_file) : kept_file_(kept_file) {
        if (!attachments.is_array()) return;
        for (const auto &one : attachments) {
            if (!one.is_object()) continue;
            const auto id = text_of(one, "contentId", "");
            if (!id.empty() && is_picture(text_of(one, "mediaType", ""))) by_id_.emplace(id, &one);
        }
    }

    // Empty: there is none of that name, or no room is left for it.
    std::string url_of(const std::string &id) {
        const auto found = by_id_.find(id);
        if (found == by_id_.end()) return {};
        const auto &attachment = *found->second;
        const auto file = kept_file_(attachment.value("path", nlohmann::json()));
        if (!file) return {};
        std::error_code error;
        const auto size = std::filesystem::file_size(*file, error);
        if (error || size > largest_picture || shown_ + size > largest_together) return {};
        shown_ += size;
        return "data:" + text_of(attachment, "mediaType", "") + ";base64," +
               base64(read_file(*file).value_or(""));
    }

  private:
    const KeptFile &kept_file_;
    std::map<std::string, const nlohmann::json *> by_id_;
    std::uintmax_t shown_ = 0;
};

bool is_letter(char c, char lower) {
    return c == lower || c == lower - 'a' + 'A';
}

// Where "cid:" stands at the beginning of an attribute's value or of a url(); npos: nowhere from there on.
std::size_t next_reference(std::string_view html, std::size_t from) {
    static constexpr std::string_view openers = "\"'(=;"; // `;` as in url(&quot;cid:
    for (auto colon = html.find(':', from); colon != std::string_view::npos;
         colon = html.find(':', colon + 1)) {
        if (colon < from + 3 || colon < 4) continue;
        const auto at = colon - 3;
        if (is_letter(html[at], 'c') && is_letter(html[at + 1], 'i') && is_letter(html[at + 2], 'd') &&
            openers.find(html[at - 1]) != std::string_view::npos) {
            return at;
        }
    }
    return std::string_view::npos;
}

std::string decoded(const std::string &id) {
    std::string text;
    try {
        Poco::URI::decode(id, text);
    } catch (const Poco::Exception &) {
        return id;
    }
    return text;
}

} // namespace

std::string with_pictures(const std::string &html, const nlohmann::json &attachments,
                          const KeptFile &kept_file) {
    Pictures pictures(attachments, kept_file);
    std::string shown;
    std::size_t done = 0;
    for (auto at = next_reference(html, 0); at != std::string::npos; at = next_reference(html, done)) {
        const auto start = at + 4;
        const auto end = std::min(html.find_first_of("\"'()<>& \t\r\n", start), html.size());
        const auto id = html.substr(start, end - start);
        auto url = pictures.url_of(id);
        if (url.empty()) url = pictures.url_of(decoded(id));
        shown.append(html, done, at - done);
        shown += url.empty() ? html.substr(at, end - at) : url;
        done = end;
    }
    return shown.append(html, done);
}

} // namespace host::http
