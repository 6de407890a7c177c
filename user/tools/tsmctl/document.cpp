// SPDX-License-Identifier: MIT
#include "document.hpp"

#include "base64.hpp"
#include "document_hcl.hpp"
#include "document_tdx.hpp"
#include "json.hpp"

#include <tsmfd/evidence/cert_table.hpp>
#include <tsmfd/evidence/emu_tag.hpp>
#include <tsmfd/evidence/evidence_kind.hpp>
#include <tsmfd/evidence/hcl_report.hpp>
#include <tsmfd/evidence/snp_report.hpp>
#include <tsmfd/evidence/tdx_quote.hpp>
#include <tsmfd/evidence/tpm_report.hpp>
#include <tsmfd/hex.hpp>
#include <tsmfd/names.hpp>

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace tsmctl {

namespace {

using tsmfd::ByteSpan;
using tsmfd::SnpReport;

constexpr std::size_t hex_digits_a_line = 64;

std::string hex_number(std::uint64_t value) {
    return fmt::format("{:#x}", value);
}

struct Bit {
    std::uint64_t mask;
    const char* name;
};

void add_bits(Json& to, std::uint64_t value, std::span<const Bit> bits) {
    for (const Bit& bit : bits)
        to[bit.name] = (value & bit.mask) != 0;
}

Json policy_of(std::uint64_t policy) {
    static constexpr std::array bits = {
        Bit{SnpReport::policy_smt, "smt_allowed"},
        Bit{SnpReport::policy_migrate_ma, "migrate_ma"},
        Bit{SnpReport::policy_debug, "debug_allowed"},
        Bit{SnpReport::policy_single_socket, "single_socket"},
        Bit{SnpReport::policy_cxl, "cxl_allowed"},
        Bit{SnpReport::policy_aes_256_xts, "mem_aes_256_xts"},
        Bit{SnpReport::policy_rapl_off, "rapl_disabled"},
        Bit{SnpReport::policy_ciphertext_hiding, "ciphertext_hiding"},
        Bit{SnpReport::policy_page_swap_off, "page_swap_disabled"},
    };
    Json json = {{"raw", hex_number(policy)},
                 {"abi_major", policy >> 8 & 0xffU},
                 {"abi_minor", policy & 0xffU}};
    add_bits(json, policy, bits);
    return json;
}

Json platform_of(std::uint64_t info) {
    static constexpr std::array bits = {
        Bit{SnpReport::platform_smt, "smt_enabled"},
        Bit{SnpReport::platform_tsme, "tsme_enabled"},
        Bit{SnpReport::platform_ecc, "ecc_enabled"},
        Bit{SnpReport::platform_rapl_off, "rapl_disabled"},
        Bit{SnpReport::platform_ciphertext_hiding, "ciphertext_hiding_enabled"},
        Bit{SnpReport::platform_alias_check, "alias_check_complete"},
        Bit{SnpReport::platform_tio, "tio_enabled"},
    };
    Json json = {{"raw", hex_number(info)}};
    add_bits(json, info, bits);
    return json;
}

Json key_information_of(const SnpReport& report) {
    static constexpr std::array bits = {
        Bit{SnpReport::signer_author_key, "author_key_enabled"},
        Bit{SnpReport::signer_mask_chip_key, "mask_chip_key"},
    };
    Json json = {{"raw", hex_number(report.signer_info)}};
    add_bits(json, report.signer_info, bits);
    switch (report.signing_key()) {
    case 0:
        json["signing_key"] = "vcek";
        break;
    case 1:
        json["signing_key"] = "vlek";
        break;
    case 7:
        json["signing_key"] = "none";
        break;
    default:
        json["signing_key"] = fmt::format("reserved {}", report.signing_key());
    }
    return json;
}

Json tcb_of(const SnpReport& report, std::uint64_t raw) {
    const tsmfd::SnpTcb tcb = report.tcb(raw);
    Json json = {{"raw", hex_number(raw)}};
    if (tcb.fmc)
        json["fmc"] = *tcb.fmc;
    json["boot_loader"] = tcb.boot_loader;
    json["tee"] = tcb.tee;
    json["snp"] = tcb.snp;
    json["microcode"] = tcb.microcode;
    return json;
}

std::string version_of(const tsmfd::SnpVersion& version) {
    return fmt::format("{}.{}.{}", version.major, version.minor, version.build);
}

std::string algorithm_of(std::uint32_t algorithm) {
    switch (algorithm) {
    case 0:
        return "none";
    case 1:
        return "ECDSA P-384 with SHA-384";
    default:
        return fmt::format("unknown {}", algorithm);
    }
}

Json certificates_of(ByteSpan auxblob) {
    static constexpr std::array names = {
        std::pair{tsmfd::cert_guid::vcek, "vcek"}, std::pair{tsmfd::cert_guid::vlek, "vlek"},
        std::pair{tsmfd::cert_guid::ask, "ask"},   std::pair{tsmfd::cert_guid::ark, "ark"},
        std::pair{tsmfd::cert_guid::crl, "crl"},
    };
    const auto table = tsmfd::CertTable::parse(auxblob);
    if (!table)
        return table.error().what;
    Json json = Json::array();
    for (const tsmfd::Cert cert : *table) {
        const auto* found =
            std::ranges::find(names, cert.guid, &std::pair<tsmfd::Guid, const char*>::first);
        json.push_back({{"name", found != names.end() ? found->second : "unknown"},
                        {"guid", cert.guid.text()},
                        {"bytes", cert.bytes.size()}});
    }
    return json;
}

Json emulated_of(const tsmfd::EmuTag& tag, const tsmfd::Evidence& evidence) {
    Json json = {{"format", tag.format == TSMFD_FORMAT_EXTENDED ? "extended" : "default"},
                 {"privlevel", tag.privlevel},
                 {"inblob_bytes", tag.inblob_len},
                 {"call", tag.serial},
                 {"tail_agrees", tsmfd::emu_tail_agrees(evidence.outblob)}};
    if (evidence.auxblob.empty())
        return json;
    const auto table = tsmfd::CertTable::parse(evidence.auxblob);
    json["certificates_agree"] =
        table && std::all_of(table->begin(), table->end(), [&](const tsmfd::Cert& cert) {
            return tsmfd::emu_cert_agrees(evidence.outblob, cert.bytes);
        });
    return json;
}

Json snp_document(const SnpReport& report, const tsmfd::Evidence& evidence) {
    Json json = {
        {"type", "snp"},
        {"version", report.version},
        {"guest_svn", report.guest_svn},
        {"policy", policy_of(report.policy)},
        {"family_id", tsmfd::to_hex(report.family_id)},
        {"image_id", tsmfd::to_hex(report.image_id)},
        {"vmpl", report.vmpl},
        {"signature_algorithm", algorithm_of(report.signature_algo)},
        {"current_tcb", tcb_of(report, report.current_tcb)},
        {"platform_info", platform_of(report.platform_info)},
        {"key_information", key_information_of(report)},
        {"report_data", tsmfd::to_hex(report.report_data)},
        {"measurement", tsmfd::to_hex(report.measurement)},
        {"host_data", tsmfd::to_hex(report.host_data)},
        {"id_key_digest", tsmfd::to_hex(report.id_key_digest)},
        {"author_key_digest", tsmfd::to_hex(report.author_key_digest)},
        {"report_id", tsmfd::to_hex(report.report_id)},
        {"report_id_migration_agent", tsmfd::to_hex(report.report_id_ma)},
        {"reported_tcb", tcb_of(report, report.reported_tcb)},
    };
    if (report.cpuid)
        json["cpuid"] = {{"family", report.cpuid->family},
                         {"model", report.cpuid->model},
                         {"stepping", report.cpuid->stepping}};
    json["chip_id"] = tsmfd::to_hex(report.chip_id);
    json["committed_tcb"] = tcb_of(report, report.committed_tcb);
    json["current_version"] = version_of(report.current_version);
    json["committed_version"] = version_of(report.committed_version);
    json["launch_tcb"] = tcb_of(report, report.launch_tcb);
    if (report.launch_mit_vector)
        json["launch_mit_vector"] = hex_number(*report.launch_mit_vector);
    if (report.current_mit_vector)
        json["current_mit_vector"] = hex_number(*report.current_mit_vector);
    json["signature"] = {{"r", tsmfd::to_hex(report.signature_r)},
                         {"s", tsmfd::to_hex(report.signature_s)}};
    if (const auto tag = tsmfd::EmuTag::read(report.host_data); tag.valid)
        json["emulated"] = emulated_of(tag, evidence);
    if (!evidence.auxblob.empty())
        json["certificates"] = certificates_of(evidence.auxblob);
    return json;
}

// "guest_svn" is "Guest SVN".
std::string label_of(const std::string& name) {
    static constexpr std::array upper = {
        "ak",  "cpu", "rsa",  "svn",   "vmpl", "tcb",  "id",  "smt", "tsme", "ecc", "rapl",
        "tee", "snp", "fmc",  "abi",   "ma",   "mit",  "cxl", "aes", "xts",  "pcr", "ms",
        "r",   "s",   "guid", "cpuid", "mr",   "mrtd", "qe",  "td",  "pck"};
    std::string label;
    for (std::size_t at = 0; at < name.size();) {
        const std::size_t end = std::min(name.find('_', at), name.size());
        std::string word = name.substr(at, end - at);
        const auto to_upper = [](char c) {
            return static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
        };
        if (std::ranges::find(upper, word) != upper.end())
            std::ranges::transform(word, word.begin(), to_upper);
        else if (at == 0 && !word.empty())
            word.front() = to_upper(word.front());
        label += (at == 0 ? "" : " ") + word;
        at = end + 1;
    }
    return label;
}

bool is_hex(const std::string& text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) {
        return std::isxdigit(static_cast<unsigned char>(c)) != 0;
    });
}

void append_text(std::string& to, const Json& json, std::size_t indent) {
    const std::string margin(indent, ' ');
    std::size_t width = 0;
    for (const auto& [name, value] : json.items())
        width = std::max(width, label_of(name).size());
    for (const auto& [name, value] : json.items()) {
        const std::string label = label_of(name) + ':';
        if (value.is_structured() && !value.empty() &&
            !(value.is_array() && value.front().is_number())) {
            if (json.is_object())
                to += margin + label + '\n';
            else
                to += margin + "-\n";
            append_text(to, value, indent + 2);
            continue;
        }
        const std::string text = value.is_string() ? value.get<std::string>() : value.dump();
        if (text.size() > hex_digits_a_line && is_hex(text)) {
            to += margin + label + '\n';
            for (std::size_t at = 0; at < text.size(); at += hex_digits_a_line)
                to += margin + "  " + text.substr(at, hex_digits_a_line) + '\n';
            continue;
        }
        to += fmt::format("{}{:<{}} {}\n", margin, label, width + 1, text);
    }
}

} // namespace

std::string what_it_is_not(ByteSpan bytes) {
    std::string text =
        fmt::format("{} bytes that are no report of SEV-SNP, of TDX, of a TPM or of an Azure "
                    "confidential VM",
                    bytes.size());
    tsmfd::Reader in(bytes);
    const std::uint16_t version = in.le16();
    const std::uint16_t key_type = in.le16();
    const std::uint32_t tee = in.le32();
    // The head of any quote of Intel's.
    if (in.ok() && version >= 3 && version <= 5 && (key_type == 2 || key_type == 3) &&
        (tee == 0 || tee == 0x81))
        text += fmt::format("; as a quote it would be of version {}, key type {}, TEE {:#x}",
                            version, key_type, tee);
    return text;
}

tsmfd::Result<Json> document_of(const tsmfd::Evidence& evidence) {
    if (tsmfd::is_tpm_report(evidence.outblob)) {
        const auto report = tsmfd::parse_tpm_report(evidence.outblob);
        if (!report)
            return std::unexpected(report.error());
        return document_of(*report);
    }
    if (tsmfd::kind_of(evidence) == tsmfd::EvidenceKind::hcl) {
        const auto report = tsmfd::parse_hcl_report(evidence.outblob);
        if (!report)
            return std::unexpected(report.error());
        return document_of(*report, evidence.auxblob);
    }
    if (tsmfd::is_tdx_quote(evidence.outblob)) {
        const auto quote = tsmfd::parse_tdx_quote(evidence.outblob);
        if (!quote)
            return std::unexpected(quote.error());
        return document_of(*quote);
    }
    if (tsmfd::is_tpm_attest(evidence.outblob)) {
        const auto quote = tsmfd::parse_tpm_quote(evidence.outblob);
        if (!quote)
            return std::unexpected(quote.error());
        tsmfd::TpmReport alone; // with neither signature nor key
        alone.attest = evidence.outblob;
        alone.quote = *quote;
        return document_of(alone);
    }
    if (!tsmfd::kind_of(evidence))
        return tsmfd::fail(what_it_is_not(evidence.outblob), EBADMSG);
    const auto report = tsmfd::parse_snp_report(evidence.outblob);
    if (!report)
        return std::unexpected(report.error());
    return snp_document(*report, evidence);
}

Json document_of(const tsmfd::TpmReport& report) {
    const tsmfd::TpmQuote& quote = report.quote;
    Json banks = Json::array();
    for (const auto& bank : std::span(quote.banks).first(quote.bank_count)) {
        Json pcrs = Json::array();
        for (unsigned pcr = 0; pcr < 32; ++pcr) {
            if ((bank.pcrs >> pcr & 1U) != 0)
                pcrs.push_back(pcr);
        }
        banks.push_back({{"hash", hex_number(bank.hash)}, {"pcrs", pcrs}});
    }
    return {{"type", "tpm"},
            {"extra_data", tsmfd::to_hex(quote.extra_data)},
            {"qualified_signer", tsmfd::to_hex(quote.qualified_signer)},
            {"clock_ms", quote.clock},
            {"reset_count", quote.reset_count},
            {"restart_count", quote.restart_count},
            {"safe", quote.safe},
            {"firmware_version", hex_number(quote.firmware_version)},
            {"pcr_banks", banks},
            {"pcr_digest", tsmfd::to_hex(quote.pcr_digest)},
            {"signature", tsmfd::to_hex(report.signature)},
            {"public_key", tsmfd::to_hex(report.public_key)}};
}

Json document_of(const tsmfd::ProviderInfo& provider) {
    Json formats = Json::array();
    for (const tsmfd::Format format : {tsmfd::Format::plain, tsmfd::Format::extended}) {
        if (provider.gives(format))
            formats.push_back(tsmfd::format_name(format));
    }
    return {{"device", tsmfd::device_name(provider.index)},
            {"index", provider.index},
            {"name", provider.name},
            {"privlevels", provider.has_privlevels()},
            {"privlevel_floor", provider.privlevel_floor},
            {"privlevel_max", provider.privlevel_max},
            {"service", provider.has_service()},
            {"formats", formats},
            {"inblob_min", provider.inblob_min},
            {"inblob_max", provider.inblob_max},
            {"outblob_max", provider.outblob_max},
            {"auxblob_max", provider.auxblob_max},
            {"manifestblob_max", provider.manifestblob_max},
            {"max_inflight", provider.max_inflight}};
}

std::string text_of(const Json& document) {
    std::string text;
    append_text(text, document, 0);
    return text;
}

// Blobs of 16 MiB each, in hexadecimal.
constexpr std::size_t most_json = std::size_t{128} << 20;

tsmfd::Result<std::vector<std::uint8_t>> stream_of(std::vector<std::uint8_t> file) {
    std::string text;
    std::ranges::copy_if(file, std::back_inserter(text),
                         [](std::uint8_t byte) { return std::isspace(byte) == 0; });
    if (is_hex(text))
        return tsmfd::from_hex(text);
    // Short words are base64 by chance, and no evidence.
    constexpr std::size_t shortest_base64 = 64;
    if (auto bytes = text.size() >= shortest_base64 ? from_base64(text) : std::nullopt)
        return std::move(*bytes);
    if (!text.starts_with('{'))
        return file;

    const auto json = tsmfd::checked_json(file, {.most_bytes = most_json, .depth = 2});
    if (!json)
        return std::unexpected(json.error());
    if (json->contains("schema") && (*json)["schema"] != json_schema)
        return tsmfd::fail("JSON of another schema than 1", EINVAL);
    std::string hex;
    for (const char* name : {"proof", "outblob", "auxblob", "manifestblob"}) {
        if (json->contains(name) && (*json)[name].is_string())
            hex += (*json)[name].get<std::string>();
    }
    if (hex.empty())
        return tsmfd::fail("JSON without an outblob", EINVAL);
    return tsmfd::from_hex(hex);
}

} // namespace tsmctl
