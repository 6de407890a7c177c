// SPDX-License-Identifier: MIT
#include "tdx/tcb_info.hpp"

#include "tdx/intel_json.hpp"

#include <algorithm>
#include <cctype>
#include <functional>
#include <utility>

#include <fmt/format.h>

namespace tsmfd {

namespace {

using Wrong = std::optional<Error>;

void read_verdict(TcbInfo::Verdict& to, Section& from) {
    to.status = intel::status(from, "tcbStatus");
    to.date = intel::text(from, "tcbDate");
    to.advisories = intel::words(from, "advisoryIDs");
}

// The member "tcb", which is an object.
void with_tcb(Section& from, Wrong& wrong, const std::function<void(Section&)>& take) {
    const Section::Json* tcb = from.find("tcb");
    if (tcb == nullptr)
        return from.refuse("tcb", "missing");
    Section versions(*tcb, from.path_of("tcb"), wrong);
    take(versions);
}

TcbInfo::Versions components(Section& from, const std::string& name, Wrong& wrong) {
    TcbInfo::Versions versions{};
    std::size_t count = 0;
    intel::each(from, name, wrong, [&](Section& component, std::size_t i) {
        count = i + 1;
        if (i < versions.size())
            versions[i] = static_cast<std::uint8_t>(intel::number(component, "svn", UINT8_MAX));
    });
    if (count != versions.size())
        from.refuse(name, fmt::format("{} components, not {}", count, versions.size()));
    return versions;
}

TcbInfo::Level level_from(Section& from, Wrong& wrong) {
    TcbInfo::Level level;
    with_tcb(from, wrong, [&](Section& tcb) {
        level.sgx = components(tcb, "sgxtcbcomponents", wrong);
        level.tdx = components(tcb, "tdxtcbcomponents", wrong);
        level.pce_svn = static_cast<std::uint16_t>(intel::number(tcb, "pcesvn", UINT16_MAX));
    });
    read_verdict(level, from);
    return level;
}

void read_module(TcbInfo::Module& to, Section& from) {
    to.mr_signer = intel::bytes<48>(from, "mrsigner");
    to.attributes = intel::bytes<8>(from, "attributes");
    to.attributes_mask = intel::bytes<8>(from, "attributesMask");
}

TcbInfo::Module module_from(Section& from, Wrong& wrong) {
    TcbInfo::Module module;
    module.id = intel::text(from, "id");
    std::ranges::transform(module.id, module.id.begin(),
                           [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    read_module(module, from);
    intel::each(from, "tcbLevels", wrong, [&](Section& level, std::size_t /*number*/) {
        TcbInfo::ModuleLevel& to = module.levels.emplace_back();
        with_tcb(level, wrong, [&](Section& tcb) {
            to.isv_svn = static_cast<std::uint8_t>(intel::number(tcb, "isvsvn", UINT8_MAX));
        });
        read_verdict(to, level);
    });
    return module;
}

void read_head(TcbInfo& info, Section& from) {
    if (const std::string id = intel::text(from, "id"); id != "TDX")
        from.refuse("id", "'" + id + "', not TDX");
    if (intel::number(from, "version", UINT32_MAX) != 3)
        from.refuse("version", "not 3");
    info.fmspc = intel::bytes<6>(from, "fmspc");
    info.pce_id = intel::bytes<2>(from, "pceId");
    info.times = {.issued = intel::time(from, "issueDate"),
                  .next = intel::time(from, "nextUpdate")};
    info.evaluation = intel::number(from, "tcbEvaluationDataNumber", UINT32_MAX);
    if (intel::number(from, "tcbType", UINT32_MAX) != 0)
        from.refuse("tcbType", "not 0");
}

} // namespace

const TcbInfo::ModuleLevel* TcbInfo::Module::level_of(std::uint8_t isv_svn) const {
    const auto found = std::ranges::find_if(
        levels, [isv_svn](const ModuleLevel& level) { return isv_svn >= level.isv_svn; });
    return found != levels.end() ? &*found : nullptr;
}

const TcbInfo::Level* TcbInfo::level_of(const PckCert& pck, const Versions& tee) const {
    const std::ptrdiff_t first = tee[1] > 0 ? 2 : 0;
    const auto found = std::ranges::find_if(levels, [&](const Level& level) {
        return std::ranges::equal(pck.components, level.sgx, std::greater_equal{}) &&
               pck.pce_svn >= level.pce_svn &&
               std::equal(tee.begin() + first, tee.end(), level.tdx.begin() + first,
                          std::greater_equal{});
    });
    return found != levels.end() ? &*found : nullptr;
}

const TcbInfo::Module* TcbInfo::module_of(const Versions& tee) const {
    if (tee[1] == 0)
        return &module;
    const auto found = std::ranges::find(modules, fmt::format("TDX_{:02X}", tee[1]), &Module::id);
    return found != modules.end() ? &*found : nullptr;
}

Result<TcbInfo> parse_tcb_info(std::string_view json) {
    const auto document = parse_json(json);
    if (!document)
        return std::unexpected(document.error());
    Wrong wrong;
    Section members(*document, "tcbInfo", wrong);
    TcbInfo info;
    read_head(info, members);
    if (const Section::Json* module = members.find("tdxModule"); module != nullptr) {
        Section from(*module, members.path_of("tdxModule"), wrong);
        read_module(info.module, from);
    } else {
        members.refuse("tdxModule", "missing");
    }
    // Intel has not had it in all of them.
    if (members.find("tdxModuleIdentities") != nullptr)
        intel::each(members, "tdxModuleIdentities", wrong, [&](Section& module, std::size_t) {
            info.modules.push_back(module_from(module, wrong));
        });
    intel::each(members, "tcbLevels", wrong, [&](Section& level, std::size_t /*number*/) {
        info.levels.push_back(level_from(level, wrong));
    });
    if (wrong)
        return std::unexpected(std::move(*wrong));
    return info;
}

} // namespace tsmfd
