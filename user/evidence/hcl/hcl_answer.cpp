// SPDX-License-Identifier: MIT
#include "hcl/hcl_answer.hpp"

#include <tsmfd/evidence/tpm_report.hpp>

#include <algorithm>
#include <string_view>

#include <linux/tsmfd_hcl.h>
#include <openssl/sha.h>

namespace tsmfd {

namespace {

constexpr std::string_view head_magic = TSMFD_HCL_REPORT_MAGIC;
constexpr std::size_t head_size = sizeof(tsmfd_hcl_report);
static_assert(head_size == 32);

constexpr std::size_t index_header_size = 32;
constexpr std::size_t hardware_size = 1184;
constexpr std::uint32_t type_snp = 2;
constexpr std::uint32_t type_tdx = 4;
constexpr std::uint32_t hash_sha256 = 1;
constexpr std::string_view user_data_name = R"("user-data":")";

struct Head {
    std::uint32_t version = 0;
    std::uint32_t hcl_len = 0;
    std::uint32_t attest_len = 0;
    std::uint32_t signature_len = 0;
    std::uint32_t public_len = 0;

    [[nodiscard]] std::uint64_t total() const {
        return std::uint64_t{head_size} + hcl_len + attest_len + signature_len + public_len;
    }
};

// The bytes are known to start with the magic and to have a head's length.
Head read_head(ByteSpan bytes) {
    Reader in(bytes.subspan(head_magic.size()));
    Head head;
    head.version = in.le32();
    head.hcl_len = in.le32();
    head.attest_len = in.le32();
    head.signature_len = in.le32();
    head.public_len = in.le32();
    return head;
}

// The hardware's report, its REPORT_DATA, and the claims; all empty if malformed.
struct Index {
    ByteSpan report_data;
    ByteSpan claims;
};

Index read_index(ByteSpan bytes) {
    Reader in(bytes);
    in.bytes(index_header_size);
    const ByteSpan hardware = in.bytes(hardware_size);
    in.le32(); // size of what follows
    in.le32(); // its version
    const std::uint32_t type = in.le32();
    const std::uint32_t hash = in.le32();
    const ByteSpan claims = in.bytes(in.le32());
    if (!in.ok() || (type != type_snp && type != type_tdx) || hash != hash_sha256)
        return {};
    return {.report_data = hardware.subspan(type == type_snp ? 0x50 : 128, 64), .claims = claims};
}

using Sha256 = std::array<std::uint8_t, SHA256_DIGEST_LENGTH>;

Sha256 sha256(ByteSpan bytes) {
    Sha256 digest{};
    SHA256(bytes.data(), bytes.size(), digest.data());
    return digest;
}

int digit(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

// Of the claims that a paravisor writes, in which the name stands once and without space.
bool read_user_data(ByteSpan claims, std::array<std::uint8_t, 64>& to) {
    const std::string_view text(reinterpret_cast<const char*>(claims.data()), claims.size());
    const std::size_t found = text.find(user_data_name);
    if (found == std::string_view::npos)
        return false;
    const std::string_view digits = text.substr(found + user_data_name.size());
    if (digits.size() <= 2 * to.size() || digits[2 * to.size()] != '"')
        return false;
    for (std::size_t i = 0; i < to.size(); ++i) {
        const int high = digit(digits[2 * i]);
        const int low = digit(digits[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        to[i] = static_cast<std::uint8_t>(high << 4 | low);
    }
    return true;
}

} // namespace

bool is_hcl_outblob(ByteSpan bytes) noexcept {
    return bytes.size() >= head_magic.size() &&
           std::equal(head_magic.begin(), head_magic.end(), bytes.begin());
}

std::size_t hcl_outblob_size(ByteSpan stream) noexcept {
    if (!is_hcl_outblob(stream) || stream.size() < head_size)
        return 0;
    const std::uint64_t total = read_head(stream).total();
    return total <= stream.size() ? static_cast<std::size_t>(total) : 0;
}

std::optional<HclAnswer> hcl_answer(ByteSpan outblob) noexcept {
    if (outblob.empty() || hcl_outblob_size(outblob) != outblob.size())
        return std::nullopt;
    const Head head = read_head(outblob);
    Reader in(outblob.subspan(head_size));
    const Index index = read_index(in.bytes(head.hcl_len));
    const auto quote = parse_tpm_quote(in.bytes(head.attest_len));
    HclAnswer answer;
    if (head.version != 1 || !quote || !read_user_data(index.claims, answer.user_data))
        return std::nullopt;
    answer.belongs_together =
        std::ranges::equal(index.report_data.first(SHA256_DIGEST_LENGTH), sha256(index.claims)) &&
        std::ranges::equal(quote->extra_data, sha256(answer.user_data));
    return answer;
}

} // namespace tsmfd
