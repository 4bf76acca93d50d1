// The HTML of a mail, with the pictures in it that came with the mail (RFC 2392).
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include <nlohmann/json.hpp>

namespace host::http {

// The file that an attachment's `path` names; empty: it is not kept.
using KeptFile = std::function<std::optional<std::filesystem::path>(const nlohmann::json &path)>;

// `cid:` references become data: URLs of the attachments that they mean: pictures of at most 1 MiB each, and 5
// MiB for the whole text, however often it shows one. Others stay as they are, and show nothing.
std::string with_pictures(const std::string &html, const nlohmann::json &attachments,
                          const KeptFile &kept_file);

} // namespace host::http
