// SPDX-License-Identifier: MIT
//
// service_provider, service_guid, service_manifest_version and the manifestblob.
#include "support/test.hpp"

namespace conformance {
namespace {

constexpr const char* some_guid = "c476f1eb-0123-45a5-9641-b4e7dde5bfe3";
constexpr const char* null_guid = "00000000-0000-0000-0000-000000000000";

class Service : public ConformanceTest {
protected:
    // The emulated SVSM's manifest says what it was asked for.
    [[nodiscard]] std::string manifest() const { return get_line(item_, "manifestblob"); }

    TestItem item_;
    Options asked_ = ask();
};

TEST_F(Service, UnaskedGivesNoManifest) {
    set_inblob(item_, asked_);
    EXPECT_EQ(try_get(item_, "manifestblob"), gives(0));
    EXPECT_TRUE(answers(asked_, item_));
}

TEST_F(Service, IsAskedWithItsOptions) {
    set_inblob(item_, asked_);
    set(item_, "service_provider", "svsm\n");
    EXPECT_EQ(manifest(), std::string("svsm ") + null_guid + " 0");
    set(item_, "service_guid", some_guid);
    EXPECT_EQ(manifest(), std::string("svsm ") + some_guid + " 0");
    set(item_, "service_manifest_version", "0x11\n");
    EXPECT_EQ(manifest(), std::string("svsm ") + some_guid + " 17");
    EXPECT_TRUE(answers(asked_, item_));
}

TEST_F(Service, ProviderThatNobodyKnowsIsEINVAL) {
    set_inblob(item_, asked_);
    for (const char* name : {"tdx", "\n", "a name of more than fifteen bytes"}) {
        // Refused when it is written or when the report is made: a client sees it.
        const Outcome written = put(item_, "service_provider", name);
        EXPECT_EQ(written.ok() ? try_get(item_, "outblob") : written, fails(EINVAL)) << name;
    }
}

TEST_F(Service, GuidMayBeFollowedByANewline) {
    set_inblob(item_, asked_);
    set(item_, "service_provider", "svsm");
    set(item_, "service_guid", std::string(some_guid) + "\n");
    EXPECT_EQ(manifest(), std::string("svsm ") + some_guid + " 0");
}

TEST_F(Service, GuidThatIsNoneIsEINVAL) {
    for (const char* text : {"c476f1eb", "c476f1eb-0123-45a5-9641-b4e7dde5bfex", "\n"})
        EXPECT_EQ(put(item_, "service_guid", text), fails(EINVAL)) << text;
}

TEST_F(Service, GuidRefusedChangesNothing) {
    set_inblob(item_, asked_);
    set(item_, "service_provider", "svsm");
    set(item_, "service_guid", some_guid);
    const std::uint64_t before = generation(item_);
    const std::uint64_t calls = counter(plain, "calls");
    const std::string made = manifest();
    ASSERT_EQ(put(item_, "service_guid", "c476f1eb-0123-45a5-9641-b4e7dde5bfex"), fails(EINVAL));
    EXPECT_EQ(generation(item_), before);
    EXPECT_EQ(manifest(), made);
    EXPECT_EQ(counter(plain, "calls"), calls + 1);
}

TEST_F(Service, ManifestVersionThatIsNoneIsRefused) {
    EXPECT_EQ(put(item_, "service_manifest_version", "one"), fails(EINVAL));
    EXPECT_EQ(put(item_, "service_manifest_version", "-1"), fails(EINVAL));
    EXPECT_EQ(put(item_, "service_manifest_version", "4294967296"), fails(ERANGE));
    EXPECT_EQ(generation(item_), 0U);
}

} // namespace
} // namespace conformance
