// SPDX-License-Identifier: MIT
#include "tdx/tdx_collateral.hpp"

#include "tdx/intel_json.hpp"

#include <tsmfd/hex.hpp>
#include <tsmfd/printable.hpp>

#include <algorithm>
#include <iterator>
#include <optional>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace tsmfd {

namespace {

using intel::Signed;
using Contents = TdxCollateral::Contents;

constexpr std::string_view certificate_start = "-----BEGIN CERTIFICATE-----";
constexpr std::string_view certificate_end = "-----END CERTIFICATE-----";
constexpr std::string_view crl_start = "-----BEGIN X509 CRL-----";

std::string_view text_of(ByteSpan bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

ByteSpan bytes_of(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view spaces = " \t\r\n";
    const std::size_t first = text.find_first_not_of(spaces);
    if (first == std::string_view::npos)
        return {};
    return text.substr(first, text.find_last_not_of(spaces) - first + 1);
}

// Of it no more than a terminal shows in a line.
std::string_view first_line(std::string_view text) {
    return text.substr(0, std::min<std::size_t>(text.find_first_of("\r\n"), 80));
}

// "%2D" is '-': as the service puts a chain into a header.
std::string percent_decoded(std::string_view text) {
    std::string decoded;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte =
            text[i] == '%' ? from_hex(text.substr(i + 1, 2)) : Result<std::vector<std::uint8_t>>();
        if (byte && byte->size() == 1) {
            decoded += static_cast<char>(byte->front());
            i += 2;
        } else {
            decoded += text[i];
        }
    }
    return decoded;
}

template <typename From, typename To>
void move_all(From&& from, To& to) {
    std::ranges::move(from, std::back_inserter(to));
}

class CollateralReader {
public:
    Result<Contents> done() && {
        if (error_)
            return std::unexpected(std::move(*error_));
        return std::move(contents_);
    }

    void read(ByteSpan file) {
        if (error_)
            return;
        const std::string_view text = trimmed(text_of(file));
        if (text.starts_with("HTTP/"))
            read_answer(text_of(file));
        else if (text.starts_with('{'))
            read_json(text);
        else if (text.find("BEGIN CERTIFICATE") != text.npos ||
                 text.find("BEGIN X509 CRL") != text.npos)
            read_pem(text);
        else if (text.find("BEGIN%20CERTIFICATE") != text.npos)
            read_pem(percent_decoded(text));
        else if (const auto der = from_hex(text); der && !der->empty())
            read_der(*der);
        else
            read_der(file);
    }

private:
    void refuse(Error error) {
        if (!error_)
            error_ = std::move(error);
    }

    template <typename Value, typename To>
    void take(Result<Value> value, To& to) {
        if (value)
            move_all(std::move(*value), to);
        else
            refuse(std::move(value.error()));
    }

    // The service's, with its headers.
    void read_answer(std::string_view answer) {
        const std::size_t end = answer.find("\r\n\r\n");
        const std::string_view head = answer.substr(0, end);
        const std::size_t status = head.find(' ');
        if (end == answer.npos || status == head.npos || head.substr(status + 1, 3) != "200")
            return refuse(
                {fmt::format("an answer that says '{}'", printable(first_line(head))), EBADMSG});
        if (head.find("BEGIN%20CERTIFICATE") != head.npos)
            read_pem(percent_decoded(head));
        // Headers may be all that was kept.
        if (const std::string_view body = answer.substr(end + 4); !body.empty())
            read(bytes_of(body));
    }

    void read_der(ByteSpan der) {
        if (auto list = ossl::read_crls(der))
            return move_all(std::move(*list), contents_.crls);
        if (auto certificate = ossl::read_certificates(der))
            return move_all(std::move(*certificate), contents_.certificates);
        refuse({fmt::format("{} bytes that are no collateral: neither JSON, nor certificates, nor "
                            "a revocation list",
                            der.size()),
                EBADMSG});
    }

    // Whatever stands between them, in the same line too.
    void read_pem(std::string_view text) {
        std::string certificates;
        for (std::size_t at = 0; (at = text.find(certificate_start, at)) != text.npos;) {
            const std::size_t end = text.find(certificate_end, at);
            if (end == text.npos)
                break;
            certificates += fmt::format("{}{}\n", text.substr(at, end - at), certificate_end);
            at = end;
        }
        if (!certificates.empty())
            take(ossl::read_certificates(bytes_of(certificates)), contents_.certificates);
        if (text.find(crl_start) != text.npos)
            take(ossl::read_crls(bytes_of(text)), contents_.crls);
        else if (certificates.empty())
            refuse({"a certificate that has no end", EBADMSG});
    }

    void read_json(std::string_view text) {
        const auto info = intel::signed_member(text, "tcbInfo");
        if (!info)
            return refuse(info.error());
        if (*info)
            return add_tcb_info(**info);
        const auto identity = intel::signed_member(text, "enclaveIdentity");
        if (!identity)
            return refuse(identity.error());
        if (*identity)
            return add_identity(**identity);
        read_all_in_one(text);
    }

    void add_tcb_info(const Signed& from) {
        auto info = parse_tcb_info(from.text);
        if (!info)
            return refuse(info.error());
        const IntelTimes times = info->times;
        contents_.tcb_infos.push_back(
            {std::move(*info), times, std::string(from.text), from.signature});
    }

    void add_identity(const Signed& from) {
        auto identity = QeIdentity::parse(from.text);
        if (!identity)
            return refuse({"enclaveIdentity." + identity.error().what, identity.error().code});
        identity->whose = "the quoting enclave that the collateral is about";
        const auto json = parse_json(from.text);
        std::optional<Error> wrong;
        Section members(*json, "enclaveIdentity", wrong);
        const IntelTimes times{.issued = intel::time(members, "issueDate"),
                               .next = intel::time(members, "nextUpdate")};
        if (wrong)
            return refuse(std::move(*wrong));
        contents_.qe_identities.push_back(
            {std::move(*identity), times, std::string(from.text), from.signature});
    }

    // A member that is a string, whatever its length; nullptr if it is not there.
    const std::string* string_in(Section& members, const std::string& name) {
        const Section::Json* json = members.find(name);
        if (json != nullptr && !json->is_string())
            members.refuse(name, "not a string");
        return json != nullptr && json->is_string() ? &json->get_ref<const std::string&>()
                                                    : nullptr;
    }

    void read_all_in_one(std::string_view text) {
        const auto json = parse_json(text);
        std::optional<Error> wrong;
        Section members(*json, "", wrong);
        const std::string* info = string_in(members, "tcb_info");
        const std::string* identity = string_in(members, "qe_identity");
        if (info == nullptr || identity == nullptr)
            members.refuse("", "JSON that is neither TCB info, nor a QE identity, nor both with "
                               "their signatures");
        const auto info_signature = intel::bytes<64>(members, "tcb_info_signature");
        const auto identity_signature = intel::bytes<64>(members, "qe_identity_signature");
        if (wrong)
            return refuse(std::move(*wrong));
        add_tcb_info({.text = *info, .signature = info_signature});
        add_identity({.text = *identity, .signature = identity_signature});
        for (const char* name : {"tcb_info_issuer_chain", "qe_identity_issuer_chain",
                                 "pck_crl_issuer_chain", "root_ca_crl", "pck_crl"}) {
            const std::string* file = string_in(members, name);
            if (file == nullptr || file->starts_with('{'))
                members.refuse(name, "missing");
            else
                read(bytes_of(*file));
        }
        if (wrong)
            refuse(std::move(*wrong));
    }

    Contents contents_;
    std::optional<Error> error_;
};

} // namespace

Result<TdxCollateral> TdxCollateral::parse(std::span<const ByteSpan> files) noexcept {
    const ossl::ErrorsForgotten errors;
    CollateralReader reader;
    for (const ByteSpan file : files)
        reader.read(file);
    auto contents = std::move(reader).done();
    if (!contents)
        return std::unexpected(std::move(contents.error()));
    return TdxCollateral(std::make_shared<const Contents>(std::move(*contents)));
}

} // namespace tsmfd
