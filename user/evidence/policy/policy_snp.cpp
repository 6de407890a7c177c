// SPDX-License-Identifier: MIT
#include "policy/policy_snp.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace tsmfd {

namespace {

using Json = nlohmann::json;

constexpr std::uint32_t vmpl_limit = 3;
constexpr std::size_t digest_size = 48;
constexpr std::size_t host_data_size = 32;
constexpr std::size_t chip_id_size = 64;
constexpr std::size_t turin_chip_id_size = 8;

// As tsm-firmware has them, and as AMD's certificates do.
constexpr std::array<std::pair<const char*, const char*>, 3> products = {{
    {"milan", "Milan"},
    {"genoa", "Genoa"},
    {"turin", "Turin"},
}};

// As `tsmctl show` has them.
constexpr std::array<std::pair<const char*, std::uint64_t>, 7> platform_bits = {{
    {"smt_enabled", SnpReport::platform_smt},
    {"tsme_enabled", SnpReport::platform_tsme},
    {"ecc_enabled", SnpReport::platform_ecc},
    {"rapl_disabled", SnpReport::platform_rapl_off},
    {"ciphertext_hiding_enabled", SnpReport::platform_ciphertext_hiding},
    {"alias_check_complete", SnpReport::platform_alias_check},
    {"tio_enabled", SnpReport::platform_tio},
}};

SnpTcb tcb_of(Section from) {
    const auto version = [&from](const char* name) -> std::optional<std::uint8_t> {
        const auto number = from.number(name, UINT8_MAX);
        return number ? std::optional(static_cast<std::uint8_t>(*number)) : std::nullopt;
    };
    const SnpTcb tcb{.fmc = version("fmc"),
                     .boot_loader = version("boot_loader").value_or(0),
                     .tee = version("tee").value_or(0),
                     .snp = version("snp").value_or(0),
                     .microcode = version("microcode").value_or(0)};
    if (from.is_empty())
        from.refuse("", "an empty object");
    from.close();
    return tcb;
}

bool is_by_product(const Json& json) {
    return json.is_object() && std::ranges::any_of(products, [&json](const auto& product) {
               return json.contains(product.first);
           });
}

// {"milan": {...}, ...}, or one of all products.
void read_minimum_tcb(Section& from, SnpPolicy::Members& rules, std::optional<Error>& wrong) {
    const Json* json = from.find("minimum_tcb");
    if (json == nullptr)
        return;
    const std::string path = from.path_of("minimum_tcb");
    if (!is_by_product(*json)) {
        rules.minimum_tcb = tcb_of(Section(*json, path, wrong));
        return;
    }
    Section each(*json, path, wrong);
    for (const auto& [word, name] : products) {
        if (const Json* one = each.find(word))
            rules.minimum_tcbs.push_back(
                {.product = name, .tcb = tcb_of(Section(*one, each.path_of(word), wrong))});
    }
    each.close();
}

// {"smt_enabled": false, ...}: what is not named may be either.
SnpPlatformInfo platform_of(Section from) {
    SnpPlatformInfo info;
    for (const auto& [name, bit] : platform_bits) {
        if (from.find(name) == nullptr)
            continue;
        info.bits |= bit;
        info.values |= from.flag(name) ? bit : 0;
    }
    if (from.is_empty())
        from.refuse("", "an empty object");
    from.close();
    return info;
}

std::vector<Section::Bytes> chip_ids(Section& from) {
    std::vector<Section::Bytes> all;
    for (const std::string& hex : from.texts("chip_ids")) {
        const std::size_t size =
            hex.size() == 2 * turin_chip_id_size ? turin_chip_id_size : chip_id_size;
        all.push_back(from.bytes_of(fmt::format("chip_ids[{}]", all.size()), hex, size));
    }
    return all;
}

} // namespace

void read_snp_rules(Section& from, SnpPolicy::Members& rules, std::optional<Error>& wrong) {
    read_minimum_tcb(from, rules, wrong);
    rules.vmpl = from.number("vmpl", vmpl_limit);
    rules.vmpl_max = from.number("vmpl_max", vmpl_limit);
    rules.debug_allowed = from.flag("debug");
    rules.migration_allowed = from.flag("migration");
    rules.host_data = from.digests("host_data", host_data_size);
    rules.id_key_digests = from.digests("id_key_digests", digest_size);
    rules.author_key_digests = from.digests("author_key_digests", digest_size);
    rules.chip_ids = chip_ids(from);
    rules.csp_ids = from.texts("csp_ids");
    if (const Json* info = from.find("platform_info"))
        rules.platform_info = platform_of(Section(*info, from.path_of("platform_info"), wrong));
}

} // namespace tsmfd
