// SPDX-License-Identifier: MIT
//
// Which versions of a platform and of its TDX module are up to date, as Intel says it. Not part of
// the library's interface.
//
// "Intel Provisioning Certification Service" API, version 4: GET .../tdx/certification/v4/tcb, the
// member "tcbInfo", version 3 of it.
//
//     const Result<TcbInfo> info = parse_tcb_info(text);
//     if (const TcbInfo::Level* level = info->level_of(pck, quote.tee_tcb_svn))
//         level->status
//
// Threads: values.
#pragma once

#include "tdx/pck_cert.hpp"

#include <tsmfd/evidence/tcb_status.hpp>
#include <tsmfd/result.hpp>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tsmfd {

// In seconds since 1970: when it was issued, and when it is out of date.
struct IntelTimes {
    std::int64_t issued = 0;
    std::int64_t next = 0;
};

struct TcbInfo {
    using Versions = std::array<std::uint8_t, 16>;

    // What is said of a version.
    struct Verdict {
        TcbStatus status = TcbStatus::revoked;
        std::string date;
        std::vector<std::string> advisories;
    };
    struct Level : Verdict {
        Versions sgx{};
        Versions tdx{};
        std::uint16_t pce_svn = 0;
    };
    struct ModuleLevel : Verdict {
        std::uint8_t isv_svn = 0;
    };
    // Of all TDX modules, or of those with one number before the point.
    struct Module {
        std::string id; // "TDX_01"; empty for all
        std::array<std::uint8_t, 48> mr_signer{};
        std::array<std::uint8_t, 8> attributes{};
        std::array<std::uint8_t, 8> attributes_mask{};
        std::vector<ModuleLevel> levels; // the newest first

        // Of a module's version; nullptr if it is older than all of them.
        [[nodiscard]] const ModuleLevel* level_of(std::uint8_t isv_svn) const;
    };

    std::array<std::uint8_t, 6> fmspc{};
    std::array<std::uint8_t, 2> pce_id{};
    IntelTimes times;
    std::uint32_t evaluation = 0; // tcbEvaluationDataNumber: grows with what Intel knows
    Module module;
    std::vector<Module> modules;
    std::vector<Level> levels; // the newest first

    // The first whose versions the platform and its module have in each part, or later ones;
    // nullptr if there is none. `tee` is TEE_TCB_SVN, whose first two are not compared where the
    // second is not 0: they are a module's, which module_of() is about.
    [[nodiscard]] const Level* level_of(const PckCert& pck, const Versions& tee) const;
    // For modules of that TEE_TCB_SVN; nullptr if nothing is said of them.
    [[nodiscard]] const Module* module_of(const Versions& tee) const;
};

// EINVAL, with the path of the member, for what is none of TDX in version 3.
[[nodiscard]] Result<TcbInfo> parse_tcb_info(std::string_view json);

} // namespace tsmfd
