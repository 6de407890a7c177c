// SPDX-License-Identifier: MIT
#include "support/test.hpp"

#include "support/files.hpp"

#include <cstdio>
#include <optional>

namespace conformance {

namespace {

bool dropin = false;
std::string module_directory;

// A file that was just closed may keep the module for a moment.
void unload(const guest::Module& module) {
    if (!await([&] { return module.try_unload().ok(); }, milliseconds(5'000)))
        module.unload();
}

void load_usual() {
    if (Driver::module().is_loaded())
        unload(Driver::module());
    Driver::module().load(usual_driver);
}

} // namespace

bool subject_is_dropin() {
    return dropin;
}

void set_subject(bool is_dropin, const std::string& modules) {
    dropin = is_dropin;
    module_directory = modules;
}

std::string tsm_module() {
    return guest::dropin_in(module_directory).stem();
}

guest::Module& Driver::module() {
    static guest::Module module(module_directory + "/tsmfd_emu_stock.ko");
    return module;
}

Driver::Driver(const std::string& parameters) {
    unload(module());
    try {
        module().load(parameters);
    } catch (...) {
        load_usual();
        throw;
    }
}

Driver::~Driver() {
    try {
        load_usual();
    } catch (const std::exception& error) {
        (void)std::fprintf(stderr, "%s\n", error.what());
    }
}

NoDriver::NoDriver() {
    if (Driver::module().is_loaded())
        unload(Driver::module());
}

NoDriver::~NoDriver() {
    try {
        load_usual();
    } catch (const std::exception& error) {
        (void)std::fprintf(stderr, "%s\n", error.what());
    }
}

testing::AssertionResult answers(const Options& asked, ByteSpan outblob, ByteSpan auxblob) {
    const tsmfd::Verdict verdict = guest::verdict_on(asked, outblob, auxblob);
    if (verdict.ok())
        return testing::AssertionSuccess();
    return testing::AssertionFailure() << verdict.text() << " in " << outblob.size() << " bytes";
}

testing::AssertionResult answers(const Options& asked, const TestItem& item) {
    const Bytes outblob = get(item, "outblob");
    return answers(asked, outblob, get(item, "auxblob"));
}

} // namespace conformance
