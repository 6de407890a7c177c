// SPDX-License-Identifier: MIT
#include "hcl/hcl_policy.hpp"
#include "policy/policy_section.hpp"
#include "policy/policy_snp.hpp"
#include "tdx/tdx_policy.hpp"
#include "tpm/tpm_policy.hpp"
#include "x509/pem.hpp"

#include <tsmfd/evidence/pem.hpp>
#include <tsmfd/evidence/policy.hpp>
#include <tsmfd/evidence/tpm_key.hpp>
#include <tsmfd/hex.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <utility>

#include <fmt/format.h>

namespace tsmfd {

namespace {

using Bytes = std::vector<std::uint8_t>;
using Json = nlohmann::json;

constexpr std::size_t measurement_size = 48;
constexpr std::size_t file_max = std::size_t{16} << 20;

Result<Bytes> contents_of(const std::filesystem::path& path) {
    std::error_code error;
    if (std::filesystem::is_directory(path, error))
        return fail("read " + path.string(), EISDIR);
    errno = 0;
    std::ifstream in(path, std::ios::binary);
    if (!in)
        return fail("open " + path.string(), errno != 0 ? errno : EIO);
    Bytes bytes;
    const std::istreambuf_iterator<char> end;
    for (std::istreambuf_iterator<char> from(in); from != end; ++from) {
        if (bytes.size() == file_max)
            return fail("read " + path.string(), EFBIG);
        bytes.push_back(static_cast<std::uint8_t>(*from));
    }
    if (in.bad())
        return fail("read " + path.string(), EIO);
    return bytes;
}

Bytes bytes_of(std::string_view text) {
    return {text.begin(), text.end()};
}

std::string_view text_of(const Bytes& bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// A policy's text becomes a policy: what is wrong is named by its path in the document.
class PolicyReader {
public:
    explicit PolicyReader(std::string directory) : directory_(std::move(directory)) {}

    Result<Policy> read(const Json& json) {
        Section document(json, "", wrong_);
        Policy policy;
        if (const Json* about = document.find("description");
            about != nullptr && !about->is_string())
            document.refuse("description", fmt::format("{}, not a string", about->type_name()));
        if (const Json* snp = document.find("snp"))
            policy.snp(snp_of(Section(*snp, "snp", wrong_)));
        if (const Json* tdx = document.find("tdx"))
            policy.tdx(tdx_of(Section(*tdx, "tdx", wrong_)));
        if (const Json* tpm = document.find("tpm"))
            policy.tpm(tpm_of(Section(*tpm, "tpm", wrong_)));
        if (const Json* hcl = document.find("hcl"))
            policy.hcl(hcl_of(Section(*hcl, "hcl", wrong_)));
        document.close();
        if (policy.snp() == nullptr && policy.tdx() == nullptr && policy.tpm() == nullptr &&
            policy.hcl() == nullptr)
            document.refuse("", "a policy about none of snp, tdx, tpm and hcl");
        if (wrong_)
            return std::unexpected(std::move(*wrong_));
        return policy;
    }

private:
    SnpPolicy snp_of(Section from) {
        SnpPolicy policy;
        SnpPolicy::Members& snp = policy.members();
        snp.roots = certificates(from, "roots");
        snp.certificates = certificates(from, "certificates");
        snp.crls = crls(from, "crls");
        snp.crl_required = from.flag("crl_required");
        snp.measurements = from.digests("measurements", measurement_size);
        snp.any_measurement = any_measurement(from, !snp.measurements.empty());
        read_snp_rules(from, snp, wrong_);
        from.close();
        return policy;
    }

    static bool any_measurement(Section& from, bool named) {
        const bool any = from.flag("any_measurement");
        if (any && named)
            from.refuse("any_measurement", "true, beside measurements");
        return any;
    }

    TdxPolicy tdx_of(Section from) {
        TdxPolicy policy;
        TdxPolicy::Members& tdx = policy.members();
        tdx.roots = certificates(from, "roots");
        tdx.crls = crls(from, "crls");
        tdx.crl_required = from.flag("crl_required");
        tdx.qe_identity = identity(from, "qe_identity");
        tdx.collateral = collateral(from, "collateral");
        tdx.collateral_required = from.flag("collateral_required");
        tdx.tcb_statuses = statuses(from, "tcb_statuses");
        for (const auto& [name, list] : {std::pair{"mrtd", &tdx.mr_td},
                                         {"mrseam", &tdx.mr_seam},
                                         {"mrsignerseam", &tdx.mr_signer_seam},
                                         {"mrconfigid", &tdx.mr_config_id},
                                         {"mrowner", &tdx.mr_owner},
                                         {"mrownerconfig", &tdx.mr_owner_config},
                                         {"mrservicetd", &tdx.mr_service_td}})
            *list = from.digests(name, measurement_size);
        for (std::size_t i = 0; i < tdx.rtmr.size(); ++i)
            tdx.rtmr[i] = from.digests(fmt::format("rtmr{}", i), measurement_size);
        for (Section event : from.objects("events"))
            tdx.events.push_back(event_of(event, rtmr_of(event)));
        tdx.any_measurement = any_measurement(from, !tdx.mr_td.empty());
        std::array<std::uint8_t, 16> tcb{};
        if (const auto least = from.digest("minimum_tcb", tcb.size());
            least && least->size() == tcb.size()) {
            std::ranges::copy(*least, tcb.begin());
            tdx.minimum_tcb = tcb;
        }
        tdx.debug_allowed = from.flag("debug");
        tdx.migration_allowed = from.flag("migration");
        from.close();
        return policy;
    }

    TpmPolicy tpm_of(Section from) {
        TpmPolicy policy;
        TpmPolicy::Members& tpm = policy.members();
        tpm.keys = keys(from, "keys");
        tpm.key_names = key_names(from, "key_names");
        if (from.find("any_key") != nullptr)
            from.refuse("any_key", "a key that nothing vouches for is none to trust; name it in "
                                   "keys or in key_names");
        if (const Json* pcrs = from.find("pcrs"))
            tpm.pcrs = pcrs_of(*pcrs, Section(*pcrs, from.path_of("pcrs"), wrong_));
        for (Section event : from.objects("events"))
            tpm.events.push_back(event_of(event, pcr_of(event)));
        tpm.any_measurement = any_measurement(from, !tpm.pcrs.empty() || !tpm.events.empty());
        from.close();
        return policy;
    }

    // The processor's report, of either kind, and the virtual TPM's quote.
    HclPolicy hcl_of(Section from) {
        HclPolicy policy;
        const Json* snp = from.find("snp");
        const Json* tdx = from.find("tdx");
        if (snp != nullptr)
            policy.snp(snp_of(Section(*snp, from.path_of("snp"), wrong_)));
        if (tdx != nullptr)
            policy.tdx(tdx_of(Section(*tdx, from.path_of("tdx"), wrong_)));
        if (!policy.members().tdx.members().events.empty())
            from.refuse("tdx.events", "the event log is the virtual TPM's: say it in tpm.events");
        if (const Json* tpm = from.find("tpm"))
            policy.tpm(tpm_of(Section(*tpm, from.path_of("tpm"), wrong_)));
        if (snp == nullptr && tdx == nullptr)
            from.refuse("", "about neither snp nor tdx, whose report it would have in it");
        from.close();
        return policy;
    }

    // "sha256:9" in {"pcr": "sha256:9", "digests": [HEX, ...]}
    static ExpectedEvent pcr_of(Section& from) {
        const std::string name = from.text("pcr");
        const std::size_t colon = name.find(':');
        const auto hash = tpm_hash_by_name(name.substr(0, colon));
        ExpectedEvent event{.hash = hash.value_or(TpmHash::sha256), .number = 0, .digests = {}};
        const auto pcr =
            ExpectedPcr::parse(fmt::format("{}={:0{}}", name, 0, 2 * tpm_hash_size(event.hash)));
        if (colon == std::string::npos || !hash || !pcr)
            from.refuse("pcr", "not like sha256:9");
        else
            event.number = pcr->pcr;
        return event;
    }

    // "rtmr2" in {"rtmr": 2, "digests": [HEX, ...]}
    static ExpectedEvent rtmr_of(Section& from) {
        const auto rtmr = from.number("rtmr", 3);
        if (!rtmr)
            from.refuse("rtmr", "is missing");
        return {.hash = TpmHash::sha384, .number = 1 + rtmr.value_or(0), .digests = {}};
    }

    static ExpectedEvent event_of(Section& from, ExpectedEvent event) {
        const std::vector<Bytes> digests = from.digests("digests", tpm_hash_size(event.hash));
        if (digests.empty())
            from.refuse("digests", "is missing");
        for (const Bytes& bytes : digests) {
            TpmDigest digest{.padded = {}, .size = bytes.size()};
            std::ranges::copy(bytes, digest.padded.begin());
            event.digests.push_back(digest);
        }
        from.close();
        return event;
    }

    // {"sha256:4": [HEX, ...], ...}; "4" is of sha256.
    static std::vector<ExpectedPcr> pcrs_of(const Json& json, Section from) {
        std::vector<ExpectedPcr> all;
        if (!json.is_object())
            return all;
        if (json.empty())
            from.refuse("", "an empty object");
        std::set<std::pair<TpmHash, unsigned>> seen;
        for (const auto& [name, values] : json.items()) {
            const std::vector<std::string> texts = from.texts(name);
            for (std::size_t i = 0; i < texts.size(); ++i) {
                const auto pcr = ExpectedPcr::parse(fmt::format("{}={}", name, texts[i]));
                if (!pcr)
                    from.refuse(fmt::format("{}[{}]", name, i), pcr.error().what);
                else if (i == 0 && !seen.emplace(pcr->hash, pcr->pcr).second)
                    from.refuse(name, "there twice");
                else
                    all.push_back(*pcr);
            }
        }
        return all;
    }

    // What each element of a list names: a file, or the PEM that it is itself.
    template <typename Take>
    void each_file(Section& from, const std::string& name, Take take) {
        const std::vector<std::string> texts = from.texts(name);
        for (std::size_t i = 0; i < texts.size(); ++i) {
            const std::string& text = texts[i];
            auto bytes = text.starts_with(ossl::pem_start)
                             ? Result<Bytes>(Bytes(text.begin(), text.end()))
                             : contents_of(std::filesystem::path(directory_) / text);
            const Result<void> taken =
                bytes ? take(std::move(*bytes)) : Result<void>(std::unexpected(bytes.error()));
            if (!taken)
                from.refuse(fmt::format("{}[{}]", name, i), taken.error().what, taken.error().code);
        }
    }

    using InPem = Result<Bytes>(ByteSpan);

    Bytes pem(Section& from, const std::string& name, InPem* in_pem) {
        Bytes all;
        each_file(from, name, [&](const Bytes& bytes) -> Result<void> {
            const auto text = in_pem(bytes);
            if (!text)
                return std::unexpected(text.error());
            std::ranges::copy(*text, std::back_inserter(all));
            return {};
        });
        return all;
    }

    Bytes certificates(Section& from, const std::string& name) {
        return pem(from, name, &certificates_in_pem);
    }

    Bytes crls(Section& from, const std::string& name) { return pem(from, name, &crls_in_pem); }

    // A file, or the object that is in one.
    std::optional<QeIdentity> identity(Section& from, const std::string& name) {
        const Json* json = from.find(name);
        if (json == nullptr)
            return std::nullopt;
        const auto file = json->is_string() ? contents_of(std::filesystem::path(directory_) /
                                                          json->get_ref<const std::string&>())
                                            : Result<Bytes>(bytes_of(json->dump()));
        auto read = file ? QeIdentity::parse(text_of(*file))
                         : Result<QeIdentity>(std::unexpected(file.error()));
        if (!read) {
            from.refuse(name, read.error().what, read.error().code);
            return std::nullopt;
        }
        return std::move(*read);
    }

    std::optional<TdxCollateral> collateral(Section& from, const std::string& name) {
        std::vector<Bytes> files;
        each_file(from, name, [&files](const Bytes& bytes) -> Result<void> {
            files.push_back(bytes);
            return {};
        });
        if (files.empty())
            return std::nullopt;
        const std::vector<ByteSpan> spans(files.begin(), files.end());
        auto read = TdxCollateral::parse(spans);
        if (read)
            return std::move(*read);
        from.refuse(name, read.error().what, read.error().code);
        return std::nullopt;
    }

    static std::vector<TcbStatus> statuses(Section& from, const std::string& name) {
        std::vector<TcbStatus> all;
        const std::vector<std::string> texts = from.texts(name);
        for (std::size_t i = 0; i < texts.size(); ++i) {
            const auto status = tcb_status_by_name(texts[i]);
            if (!status || *status == TcbStatus::revoked)
                from.refuse(fmt::format("{}[{}]", name, i),
                            fmt::format("'{}' is no status that can be allowed", texts[i]));
            else
                all.push_back(*status);
        }
        return all;
    }

    std::vector<Bytes> keys(Section& from, const std::string& name) {
        std::vector<Bytes> all;
        each_file(from, name, [&all](Bytes bytes) {
            Result<void> checked = TpmKey::check_file(bytes);
            all.push_back(std::move(bytes));
            return checked;
        });
        return all;
    }

    // TPM2B_NAME without its size: the hash's TPM_ALG_ID and a digest by it.
    static std::vector<Bytes> key_names(Section& from, const std::string& name) {
        std::vector<Bytes> all;
        for (const std::string& text : from.texts(name)) {
            auto bytes = from_hex(text).value_or(Bytes{});
            const auto hash = tpm_hash_by_id(Reader(bytes).be16());
            if (!hash || bytes.size() != 2 + tpm_hash_size(*hash))
                from.refuse(fmt::format("{}[{}]", name, all.size()),
                            "not the name of a TPM's key in hexadecimal");
            all.push_back(std::move(bytes));
        }
        return all;
    }

    std::string directory_;
    std::optional<Error> wrong_;
};

} // namespace

Result<Policy> Policy::parse(std::string_view json, const std::string& directory) noexcept {
    const auto document = parse_json(json);
    if (!document)
        return std::unexpected(document.error());
    return PolicyReader(directory).read(*document);
}

Result<Policy> Policy::read(const std::string& file) noexcept {
    const std::filesystem::path path(file);
    const auto bytes = contents_of(path);
    if (!bytes)
        return std::unexpected(bytes.error());
    auto policy = parse(text_of(*bytes), path.parent_path().string());
    if (!policy)
        return tsmfd::fail(file + ": " + policy.error().what, policy.error().code);
    return policy;
}

} // namespace tsmfd
