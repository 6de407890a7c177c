// SPDX-License-Identifier: MIT
//
// /sys/class/tsmfd/tsmfdN and the device nodes.
#include "support/files.hpp"
#include "support/test.hpp"

#include <tsmfd/names.hpp>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <set>
#include <string>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

namespace guest {
namespace {

using Attributes = GuestTest;

constexpr std::string_view read_only[] = {"provider", "formats", "privlevel_floor", "inblob_max",
                                          "outblob_max"};

TEST_F(Attributes, SayWhatAProviderIs) {
    for (unsigned instance = 0; instance < instances; ++instance) {
        EXPECT_EQ(attribute(instance, "provider"), "tsmfd_emu");
        EXPECT_EQ(attribute(instance, "formats"), "default extended");
        EXPECT_EQ(attribute(instance, "inblob_max"), "64");
        EXPECT_EQ(attribute(instance, "outblob_max"), std::to_string(report_size));
    }
}

TEST_F(Attributes, SayTheFloorOfEachProvider) {
    EXPECT_EQ(attribute(plain, "privlevel_floor"), "0");
    EXPECT_EQ(attribute(floored, "privlevel_floor"), std::to_string(floored_privlevel));
}

TEST_F(Attributes, AreOneLineEach) {
    for (const std::string_view name : read_only) {
        const Bytes bytes = read_bytes(attribute_path(plain, name));
        EXPECT_EQ(std::ranges::count(bytes, '\n'), 1) << name;
        EXPECT_EQ(bytes.back(), '\n') << name;
    }
}

TEST_F(Attributes, CannotBeWritten) {
    for (const std::string_view name : read_only) {
        struct stat status {};
        ASSERT_EQ(::stat(attribute_path(plain, name).c_str(), &status), 0) << name;
        EXPECT_EQ(status.st_mode & 07777U, 0444U) << name;
        EXPECT_EQ(try_open(attribute_path(plain, name), O_WRONLY), fails(EACCES)) << name;
    }
}

TEST_F(Attributes, AreTheseAndNoOthers) {
    std::set<std::string> expected(std::begin(read_only), std::end(read_only));
    expected.insert({"dev", "subsystem", "uevent"}); // the kernel's own
    if (std::filesystem::exists("/sys/power"))       // where it knows of power management
        expected.insert("power");
    std::set<std::string> found;
    for (const auto& entry : std::filesystem::directory_iterator(tsmfd::device_directory(plain)))
        found.insert(entry.path().filename());
    EXPECT_EQ(found, expected);
}

TEST_F(Attributes, OfTheDeviceNodeNameTheSameDevice) {
    for (unsigned instance = 0; instance < instances; ++instance) {
        struct stat status {};
        ASSERT_EQ(::stat(device_path(instance).c_str(), &status), 0);
        EXPECT_TRUE(S_ISCHR(status.st_mode));
        EXPECT_EQ(attribute(instance, "dev"), std::to_string(major(status.st_rdev)) + ":" +
                                                  std::to_string(minor(status.st_rdev)));
    }
}

TEST_F(Attributes, OfTheDeviceNodeLetOnlyRootIn) {
    for (unsigned instance = 0; instance < instances; ++instance) {
        struct stat status {};
        ASSERT_EQ(::stat(device_path(instance).c_str(), &status), 0);
        EXPECT_EQ(status.st_mode & 07777U, 0600U);
        EXPECT_EQ(status.st_uid, 0U);
    }
}

TEST_F(Attributes, AreThereForExactlyTheInstancesThatAreLoaded) {
    EXPECT_EQ(try_open(device_path(instances - 1), O_RDWR), gives(0));
    EXPECT_EQ(try_open(device_path(instances), O_RDWR), fails(ENOENT));
    EXPECT_EQ(try_open(attribute_path(instances, "provider"), O_RDONLY), fails(ENOENT));
}

} // namespace
} // namespace guest
