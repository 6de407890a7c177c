// SPDX-License-Identifier: MIT
//
// The settings of tsmfd_emu in debugfs, and libtsmfd's EmulatorControl over them.
#include "support.hpp"
#include "support/files.hpp"

#include <tsmfd/emulator_control.hpp>
#include <tsmfd/proxy.hpp>

#include <algorithm>
#include <string>
#include <string_view>

#include <sched.h>
#include <sys/mount.h>

namespace {

using namespace guest;
using tsmfd::EmulatorControl;
using tsmfd::EmulatorSettings;

// tsmfd_emu's name for a setting.
std::string file_of(const EmulatorSettings::Member& member) {
    std::string file(member.name);
    std::ranges::replace(file, '-', '_');
    return file;
}

class EmulatorTest : public GuestTest {
protected:
    EmulatorControl control_ = EmulatorControl::open(other).value();
    EmulatorSettings before_ = control_.get().value();

    void TearDown() override {
        EXPECT_TRUE(control_.set(before_).has_value());
        GuestTest::TearDown();
    }
};

TEST_F(EmulatorTest, SetsAllOrNothing) {
    EXPECT_TRUE(control_.set({.latency_us = 1234, .short_permille = 5}).has_value());
    EXPECT_EQ(setting(other, "latency_us"), 1234U);
    EXPECT_EQ(setting(other, "short_permille"), 5U);
    EmulatorSettings expected = before_;
    expected.latency_us = 1234;
    expected.short_permille = 5;
    EXPECT_EQ(control_.get().value(), expected);

    const auto refused = control_.set({.latency_us = 7, .hang = 2, .fail_permille = 9});
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code, ERANGE);
    EXPECT_NE(refused.error().what.find("hang=2 is not in 0 to 1; nothing was set"),
              std::string::npos)
        << refused.error().what;
    EXPECT_EQ(control_.get().value(), expected);
    EXPECT_EQ(control_.set({}).error().code, EINVAL);
}

TEST_F(EmulatorTest, EachNameIsItsSettings) {
    for (const auto& member : EmulatorSettings::members()) {
        EmulatorSettings one;
        one.*member.value = 1;
        ASSERT_TRUE(control_.set(one).has_value()) << member.name;
        EXPECT_EQ(setting(other, file_of(member)), 1U) << member.name;
        EXPECT_EQ(control_.get().value().*member.value, 1U) << member.name;
        one.*member.value = 0;
        ASSERT_TRUE(control_.set(one).has_value()) << member.name;
    }
}

TEST_F(EmulatorTest, RangesAreTheModules) {
    for (const auto& member : EmulatorSettings::members()) {
        EmulatorSettings most;
        most.*member.value = member.max;
        EXPECT_TRUE(control_.set(most).has_value()) << member.name;

        EXPECT_EQ(try_set(other, file_of(member), std::uint64_t{member.max} + 1), fails(ERANGE))
            << member.name;
        EXPECT_EQ(setting(other, file_of(member)), member.max) << member.name;
        most.*member.value = 0;
        EXPECT_TRUE(control_.set(most).has_value()) << member.name;
    }
}

TEST_F(EmulatorTest, PresetsAreTheModules) {
    for (const auto& preset : tsmfd::emulator_presets()) {
        ASSERT_TRUE(control_.set(preset.settings).has_value());
        EXPECT_EQ(read_line(emulator_file(other, "preset")), preset.name);
    }
}

TEST_F(EmulatorTest, TheFileTakesWordsOfANameAndAValue) {
    const std::string file = emulator_file(other, "settings");
    const std::string all = " latency_us=0x10\n\tfail_permille=3  hang=0\n";
    EXPECT_EQ(try_write(file, all), gives(all.size()));
    EmulatorSettings expected = before_;
    expected.latency_us = 16;
    expected.fail_permille = 3;
    EXPECT_EQ(control_.get().value(), expected);

    for (const char* words : {" \n", "latency_us", "latency_us=", "latency_us=x", "latency_us=-1",
                              "=5", "latency_us=5 nonsense=1", "latency_us=5,fail_permille=5"})
        EXPECT_EQ(try_write(file, words), fails(EINVAL)) << words;
    std::string longer = "latency_us=5"; // than all of them ever are
    longer.resize(600, ' ');
    EXPECT_EQ(try_write(file, longer), fails(EINVAL));
    EXPECT_EQ(try_write(file, "latency_us=5 hang=2 fail_permille=5"), fails(ERANGE));
    EXPECT_EQ(control_.get().value(), expected);
}

TEST_F(EmulatorTest, SaysWhatIsMissing) {
    EXPECT_EQ(EmulatorControl::open(9).error().code, ENODEV);

    const auto look = [] {
        const auto control = EmulatorControl::open(other);
        return control ? 0 : control.error().code;
    };
    EXPECT_EQ(faces::as_nobody(look), EACCES);
    EXPECT_EQ(faces::in_child([&] {
                  if (::unshare(CLONE_NEWNS) != 0 ||
                      ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
                      ::umount2("/sys/kernel/debug", MNT_DETACH) != 0)
                      return 250;
                  const auto control = EmulatorControl::open(other);
                  if (!control && control.error().what.find("not mounted") == std::string::npos)
                      return 251;
                  return look();
              }),
              ENOENT);
}

TEST_F(EmulatorTest, AnotherProviderIsNotEmulated) {
    ASSERT_EQ(faces::load("tsmfd_proxy").status, 0);
    {
        const auto proxy = tsmfd::Proxy::make({.name = "mine"});
        ASSERT_TRUE(proxy.has_value()) << proxy.error().message();
        const auto control = EmulatorControl::open(proxy->index());
        ASSERT_FALSE(control.has_value());
        EXPECT_EQ(control.error().code, EOPNOTSUPP);
        EXPECT_NE(control.error().what.find("not emulated"), std::string::npos);
    }
    EXPECT_EQ(faces::shell("rmmod tsmfd_proxy").status, 0);
}

TEST_F(EmulatorTest, DoesNotKeepTheModule) {
    {
        const faces::EmulatorGone gone;
        EXPECT_EQ(control_.get().error().code, ENODEV);
        EXPECT_EQ(control_.set({.hang = 1}).error().code, ENODEV);
    }
    EXPECT_EQ(control_.get().value(), before_);
}

} // namespace
