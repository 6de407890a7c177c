// SPDX-License-Identifier: MIT
//
// The ioctls of /dev/tsmfdN, asked wrongly.
#include "support/one_shot.hpp"
#include "support/test.hpp"

#include <cstring>
#include <functional>
#include <string>

#include <sys/mman.h>

namespace guest {
namespace {

class WrongIoctl : public GuestTest {
protected:
    WrongIoctl() : fd_(open_device(plain)), calls_(counter(plain, "calls")) {}

    // Whatever is wrong is found before the firmware is asked.
    void expect_no_firmware_call() const { EXPECT_EQ(counter(plain, "calls"), calls_); }

    UniqueFd fd_;
    std::uint64_t calls_;
};

struct BadRequest {
    std::string name;
    std::function<void(tsmfd_report_req&)> spoil;
    int error = EINVAL;
};

void PrintTo(const BadRequest& bad, std::ostream* to) {
    *to << tsmfd::errno_name(bad.error);
}

class WrongReportIoctl : public WrongIoctl, public testing::WithParamInterface<BadRequest> {};

TEST_P(WrongReportIoctl, IsRefusedAndChangesNothing) {
    OneShot shot(ask(1, Format::plain, 20));
    GetParam().spoil(shot.req);
    const tsmfd_report_req before = shot.req;
    EXPECT_EQ(shot.call(fd_.get()), fails(GetParam().error));
    EXPECT_TRUE(same(shot.req, before));
    EXPECT_TRUE(shot.untouched());
    expect_no_firmware_call();
}

void name_service(tsmfd_report_req& req, const char* name) {
    std::memcpy(req.service_provider, name, std::strlen(name));
}

const BadRequest bad_requests[] = {
    {"NoInblob",
     [](auto& req) {
         std::ranges::fill(req.inblob, std::uint8_t{0});
         req.inblob_len = 0;
     }},
    {"AnInblobOf65Bytes", [](auto& req) { req.inblob_len = 65; }},
    {"AnInblobOf4Gigabytes", [](auto& req) { req.inblob_len = ~0U; }},
    {"ABytePastTheInblob", [](auto& req) { req.inblob[20] = 1; }},
    {"ALastBytePastTheInblob", [](auto& req) { req.inblob[63] = 1; }},
    {"AReservedMemberThatIsNotZero", [](auto& req) { req.reserved = 1; }},
    {"APrivlevelWithoutItsFlag", [](auto& req) { req.flags = 0; }},
    {"Privlevel4", [](auto& req) { req.privlevel = 4; }},
    {"PrivlevelMinus1", [](auto& req) { req.privlevel = ~0U; }},
    {"Format2", [](auto& req) { req.format = 2; }},
    {"FormatMinus1", [](auto& req) { req.format = ~0U; }},
    {"AServiceGuidWithoutItsFlag", [](auto& req) { req.service_guid[15] = 1; }},
    {"AManifestVersionWithoutItsFlag", [](auto& req) { req.service_manifest_version = 1; }},
    {"AServiceProviderWithoutItsFlag", [](auto& req) { name_service(req, "svsm"); }},
    {"AFlagWithoutItsServiceProvider", [](auto& req) { req.flags |= TSMFD_OPT_SERVICE_PROVIDER; }},
    {"AServiceProviderWithoutItsNul",
     [](auto& req) {
         req.flags |= TSMFD_OPT_SERVICE_PROVIDER;
         name_service(req, "0123456789abcdef");
     }},
    {"ABytePastTheServiceProvidersNul",
     [](auto& req) {
         req.flags |= TSMFD_OPT_SERVICE_PROVIDER;
         name_service(req, "svsm");
         req.service_provider[10] = 'x';
     }},
    {"AServiceProviderTheProviderDoesNotTake",
     [](auto& req) {
         req.flags |= TSMFD_OPT_SERVICE_PROVIDER;
         name_service(req, "svsm");
     },
     EOPNOTSUPP},
    {"AServiceGuidTheProviderDoesNotTake",
     [](auto& req) {
         req.flags |= TSMFD_OPT_SERVICE_GUID;
         req.service_guid[0] = 1;
     },
     EOPNOTSUPP},
    {"AManifestVersionTheProviderDoesNotTake",
     [](auto& req) {
         req.flags |= TSMFD_OPT_SERVICE_MANIFEST_VERSION;
         req.service_manifest_version = 1;
     },
     EOPNOTSUPP},
};

INSTANTIATE_TEST_SUITE_P(With, WrongReportIoctl, testing::ValuesIn(bad_requests),
                         [](const auto& bad) { return bad.param.name; });

TEST_F(WrongIoctl, WithAnUnknownFlagGivesEinval) {
    for (unsigned bit = 5; bit < 32; ++bit) {
        OneShot shot(ask());
        shot.req.flags |= 1U << bit;
        EXPECT_EQ(shot.call(fd_.get()), fails(EINVAL)) << "bit " << bit;
    }
    expect_no_firmware_call();
}

TEST_F(WrongIoctl, BelowTheProvidersPrivlevelFloorGivesEinval) {
    OneShot shot(ask(floored_privlevel - 1));
    EXPECT_EQ(shot.call(open_device(floored).get()), fails(EINVAL));
}

TEST_F(WrongIoctl, WithAStructureShorterThanTheFirstVersionGivesEinval) {
    for (const std::size_t size : {0U, 1U, 8U, 160U, 167U}) {
        OneShot shot(ask());
        EXPECT_EQ(shot.call_with_size(fd_.get(), size), fails(EINVAL)) << size;
        EXPECT_TRUE(shot.untouched());
    }
    expect_no_firmware_call();
}

TEST_F(WrongIoctl, WithSomethingInALongerStructureGivesE2big) {
    for (const std::size_t more : {1U, 8U, 4000U}) {
        OneShot shot(ask());
        EXPECT_EQ(shot.call_with_size(fd_.get(), sizeof(shot.req) + more, 1), fails(E2BIG)) << more;
        EXPECT_TRUE(shot.untouched());
    }
    expect_no_firmware_call();
}

TEST_F(WrongIoctl, OfAnUnknownNumberGivesEnotty) {
    OneShot shot(ask());
    const unsigned long unknown[] = {
        0,
        ~0UL >> 32,
        _IOWR(TSMFD_IOC_MAGIC, 0x00, tsmfd_report_req),
        _IOWR(TSMFD_IOC_MAGIC, 0x03, tsmfd_report_req),
        _IOWR(TSMFD_IOC_MAGIC, 0xff, tsmfd_report_req),
        _IOWR('x', 0x01, tsmfd_report_req),
        _IOW(TSMFD_IOC_MAGIC, 0x01, tsmfd_report_req),
        _IOR(TSMFD_IOC_MAGIC, 0x01, tsmfd_report_req),
        _IO(TSMFD_IOC_MAGIC, 0x01),
        _IOWR(TSMFD_IOC_MAGIC, 0x02, tsmfd_info),
        _IOW(TSMFD_IOC_MAGIC, 0x02, tsmfd_info),
    };
    for (const unsigned long number : unknown)
        EXPECT_EQ(call_ioctl(fd_.get(), number, &shot.req), fails(ENOTTY)) << std::hex << number;
    expect_no_firmware_call();
}

// A page with no access, or with reading alone.
class Page {
public:
    explicit Page(int protection)
        : start_(::mmap(nullptr, size, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)) {}
    ~Page() { ::munmap(start_, size); }
    Page(const Page&) = delete;
    Page& operator=(const Page&) = delete;

    static constexpr std::size_t size = 4096;
    [[nodiscard]] char* start() const { return static_cast<char*>(start_); }
    [[nodiscard]] std::uint64_t address() const { return std::bit_cast<std::uintptr_t>(start_); }
    void protect(int protection) { EXPECT_EQ(::mprotect(start_, size, protection), 0); }

private:
    void* start_;
};

TEST_F(WrongIoctl, WithItsStructureInMemoryThatIsNotThereGivesEfault) {
    const Page nowhere(PROT_NONE);
    for (const unsigned long number : {TSMFD_IOC_REPORT, TSMFD_IOC_INFO}) {
        EXPECT_EQ(call_ioctl(fd_.get(), number, nullptr), fails(EFAULT));
        EXPECT_EQ(call_ioctl(fd_.get(), number, nowhere.start()), fails(EFAULT));
    }
    expect_no_firmware_call();
}

TEST_F(WrongIoctl, WithItsStructureHalfInMemoryThatIsNotThereGivesEfault) {
    for (const unsigned long number : {TSMFD_IOC_REPORT, TSMFD_IOC_INFO}) {
        void* const pages = ::mmap(nullptr, 2 * Page::size, PROT_READ | PROT_WRITE,
                                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        char* const boundary = static_cast<char*>(pages) + Page::size;
        ASSERT_EQ(::mprotect(boundary, Page::size, PROT_NONE), 0);
        EXPECT_EQ(call_ioctl(fd_.get(), number, boundary - 40), fails(EFAULT));
        ::munmap(pages, 2 * Page::size);
    }
    expect_no_firmware_call();
}

TEST_F(WrongIoctl, WithItsStructureInMemoryToBeReadOnlyGivesEfault) {
    OneShot shot(ask());
    Page page(PROT_READ | PROT_WRITE);
    std::memcpy(page.start(), &shot.req, sizeof(shot.req));
    page.protect(PROT_READ);
    EXPECT_EQ(call_ioctl(fd_.get(), TSMFD_IOC_REPORT, page.start()), fails(EFAULT));
    EXPECT_EQ(call_ioctl(fd_.get(), TSMFD_IOC_INFO, page.start()), fails(EFAULT));
}

TEST_F(WrongIoctl, WithABlobsBufferInMemoryThatIsNotThereGivesEfault) {
    const Page nowhere(PROT_NONE);
    __u64 tsmfd_report_req::*const blobs[] = {&tsmfd_report_req::outblob,
                                              &tsmfd_report_req::auxblob};
    for (__u64 tsmfd_report_req::*const blob : blobs) {
        for (const std::uint64_t address :
             {nowhere.address(), std::uint64_t{1}, ~std::uint64_t{0} - 4096}) {
            OneShot shot(ask(1, Format::extended));
            shot.req.*blob = address;
            const tsmfd_report_req before = shot.req;
            EXPECT_EQ(shot.call(fd_.get()), fails(EFAULT)) << std::hex << address;
            EXPECT_TRUE(same(shot.req, before));
        }
    }
    const Options asked = ask(1, Format::extended);
    OneShot shot(asked);
    ASSERT_EQ(shot.call(fd_.get()), gives(0)) << "the file is of no use afterwards";
    EXPECT_TRUE(answers(asked, shot.outblob(), shot.auxblob()));
}

} // namespace
} // namespace guest
