// SPDX-License-Identifier: MIT
//
// Items: directories that appear with the provider's attributes, and go.
#include "support/files.hpp"
#include "support/test.hpp"

#include <filesystem>
#include <map>
#include <set>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace conformance {
namespace {

using Names = std::set<std::string>;

Names names_in(const std::string& directory) {
    Names names;
    for (const auto& entry : std::filesystem::directory_iterator(directory))
        names.insert(entry.path().filename());
    return names;
}

mode_t mode_of(const std::string& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0)
        guest::throw_errno("stat " + path, errno);
    return status.st_mode & 0777;
}

class Items : public ConformanceTest {};

TEST_F(Items, AppearWithEveryAttributeOfTheProvider) {
    const TestItem item;
    const std::map<std::string, mode_t> expected{
        {"auxblob", 0444},         {"generation", 0444},
        {"inblob", 0200},          {"manifestblob", 0444},
        {"outblob", 0444},         {"privlevel", 0200},
        {"privlevel_floor", 0444}, {"provider", 0444},
        {"service_guid", 0200},    {"service_manifest_version", 0200},
        {"service_provider", 0200}};
    Names names;
    for (const auto& [name, mode] : expected) {
        names.insert(name);
        EXPECT_EQ(mode_of(item.file(name)), mode) << name;
    }
    EXPECT_EQ(names_in(item.path()), names);
}

TEST_F(Items, HideWhatTheProviderHides) {
    const Driver driver("format=extended service=0");
    const TestItem item;
    const Names expected{"auxblob",   "generation",      "inblob",  "outblob",
                         "privlevel", "privlevel_floor", "provider"};
    EXPECT_EQ(names_in(item.path()), expected);
}

TEST_F(Items, CannotBeMadeWithoutAProvider) {
    const NoDriver none;
    EXPECT_EQ(guest::outcome_of(::mkdir(new_item_path().c_str(), 0700)), fails(ENXIO));
}

TEST_F(Items, AreMadeOnce) {
    const TestItem item;
    EXPECT_EQ(guest::outcome_of(::mkdir(item.path().c_str(), 0700)), fails(EEXIST));
}

TEST_F(Items, HoldNoDirectories) {
    const TestItem item;
    EXPECT_EQ(guest::outcome_of(::mkdir(item.file("inner").c_str(), 0700)), fails(EPERM));
}

TEST_F(Items, AreGoneOnceRemoved) {
    std::string path;
    {
        const TestItem item;
        path = item.path();
    }
    EXPECT_EQ(guest::try_open(path, O_RDONLY), fails(ENOENT));
}

TEST_F(Items, MayHaveLongNames) {
    const std::string path = std::string(stress::Item::root).append("/").append(200, 'n');
    ASSERT_EQ(guest::outcome_of(::mkdir(path.c_str(), 0700)), gives(0));
    EXPECT_EQ(guest::outcome_of(::rmdir(path.c_str())), gives(0));
}

TEST_F(Items, RemovedWhileAFileIsOpenGiveENOENT) {
    tsmfd::UniqueFd outblob;
    tsmfd::UniqueFd generation;
    {
        const TestItem item;
        set_inblob(item, ask());
        outblob = guest::open_file(item.file("outblob"), O_RDONLY);
        generation = guest::open_file(item.file("generation"), O_RDONLY);
    }
    Bytes room(4096);
    EXPECT_EQ(guest::get(outblob.get(), room), fails(ENOENT));
    EXPECT_EQ(guest::get(generation.get(), room), fails(ENOENT));
}

TEST_F(Items, GiveNoInputBack) {
    const TestItem item;
    for (const char* name :
         {"inblob", "privlevel", "service_provider", "service_guid", "service_manifest_version"})
        EXPECT_EQ(guest::try_open(item.file(name), O_RDONLY), fails(EACCES)) << name;
}

TEST_F(Items, TakeNoOutput) {
    const TestItem item;
    for (const char* name :
         {"outblob", "auxblob", "manifestblob", "generation", "provider", "privlevel_floor"})
        EXPECT_EQ(guest::try_open(item.file(name), O_WRONLY), fails(EACCES)) << name;
}

TEST_F(Items, HoldTheModule) {
    const auto holders = [] {
        return guest::read_number("/sys/module/" + tsm_module() + "/refcnt");
    };
    const std::uint64_t before = holders();
    const TestItem item;
    EXPECT_GT(holders(), before);
}

} // namespace
} // namespace conformance
