// SPDX-License-Identifier: MIT
//
// What every conformance test is built on.
#pragma once

#include "removal/modules.hpp"
#include "support/emulator.hpp"
#include "support/item.hpp"
#include "support/tasks.hpp"

#include <string>

#include <gtest/gtest.h>

namespace conformance {

using guest::await;
using guest::Caller;
using guest::Child;
using guest::counter;
using guest::Hang;
using guest::milliseconds;
using guest::plain;
using guest::Setting;

// Is it ours?
[[nodiscard]] bool subject_is_dropin();
void set_subject(bool dropin, const std::string& modules);
// What the kernel calls its module of configfs-tsm, and we the one in its place: tsm, or tsm_report
// from Linux 6.16 on.
[[nodiscard]] std::string tsm_module();

// As loaded before each test: an auxblob with every report, and the service attributes.
inline constexpr const char* usual_driver = "format=extended service=1";

// The emulator as a vendor's driver; the usual one again at the end of the scope. No item may be
// there then that asks it, with stock tsm.ko.
class Driver {
public:
    explicit Driver(const std::string& parameters);
    ~Driver();
    Driver(const Driver&) = delete;
    Driver& operator=(const Driver&) = delete;

    static guest::Module& module();
};

// No driver, until the end of the scope.
class NoDriver {
public:
    NoDriver();
    ~NoDriver();
    NoDriver(const NoDriver&) = delete;
    NoDriver& operator=(const NoDriver&) = delete;
};

// "ok", or what is wrong with the report.
[[nodiscard]] testing::AssertionResult answers(const Options& asked, ByteSpan outblob,
                                               ByteSpan auxblob);
// The same, of the item's files.
[[nodiscard]] testing::AssertionResult answers(const Options& asked, const TestItem& item);

class ConformanceTest : public testing::Test {};

} // namespace conformance
