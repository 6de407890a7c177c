// SPDX-License-Identifier: MIT
//
// A firmware in user space: what its side of the provider takes and gives, and what its callers
// get, whatever it does.
#include "errnos.hpp"
#include "support/device.hpp"
#include "support/files.hpp"
#include "support/one_shot.hpp"
#include "support/outcome.hpp"
#include "support/tasks.hpp"

#include <tsmfd/device.hpp>
#include <tsmfd/proxy.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/tsmfd_proxy.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

namespace {

using namespace guest;
using tsmfd::Proxy;
using tsmfd::ProxyRequest;
using tsmfd::ProxySettings;
using tsmfd::UniqueFd;

constexpr std::uint32_t outblob_max = 4096;
constexpr std::uint32_t auxblob_max = 8192;

ProxySettings settings(std::uint32_t inflight = 4, std::uint32_t timeout_ms = 0) {
    return {.name = "test",
            .extended = true,
            .service = true,
            .outblob_max = outblob_max,
            .auxblob_max = auxblob_max,
            .manifestblob_max = 100,
            .max_inflight = inflight,
            .timeout_ms = timeout_ms};
}

ProxyRequest take(const Proxy& proxy) {
    const auto request = proxy.next();
    EXPECT_TRUE(request && *request);
    return request && *request ? **request : ProxyRequest{};
}

// A caller of the device, in a thread of its own.
class Asked {
public:
    Asked(const Proxy& proxy, Options options, std::uint32_t timeout_ms = 0)
        : device_(tsmfd::Device::open(proxy.index()).value()),
          thread_([this, options = std::move(options), timeout_ms] {
              answer_ = device_.report(options, timeout_ms);
          }) {}

    // Waits for the answer.
    const tsmfd::Result<tsmfd::Report>& answer() {
        if (thread_.joinable())
            thread_.join();
        return answer_;
    }
    int code() { return answer() ? 0 : answer().error().code; }

private:
    tsmfd::Device device_;
    tsmfd::Result<tsmfd::Report> answer_ = tsmfd::fail("not yet", EINPROGRESS);
    std::jthread thread_; // last, for it uses the others
};

TEST(Proxy, GivesTheFirmwareWhatTheCallerAsked) {
    const Proxy proxy = Proxy::make(settings()).value();
    Options options = ask(3, Format::extended);
    options.service_provider = "svsm";
    options.service_guid = tsmfd::Guid::of("00112233-4455-6677-8899-aabbccddeeff");
    options.service_manifest_version = 7;
    Asked asked(proxy, options);

    const ProxyRequest request = take(proxy);
    EXPECT_EQ(request.options.inblob, options.inblob);
    EXPECT_EQ(request.options.privlevel, 3U);
    EXPECT_EQ(request.options.format, Format::extended);
    EXPECT_EQ(request.options.service_provider, "svsm");
    EXPECT_EQ(request.options.service_guid, options.service_guid);
    EXPECT_EQ(request.options.service_manifest_version, 7U);

    const Bytes outblob(outblob_max, 0x11);
    const Bytes auxblob(auxblob_max, 0x22);
    const Bytes manifest(100, 0x33);
    ASSERT_TRUE(proxy.answer(request.id,
                             {.outblob = outblob, .auxblob = auxblob, .manifestblob = manifest}));
    const auto& report = asked.answer();
    ASSERT_TRUE(report) << report.error().message();
    EXPECT_EQ(report->outblob, outblob);
    EXPECT_EQ(report->auxblob, auxblob);
    EXPECT_EQ(report->manifestblob, manifest);
}

TEST(Proxy, IsAProviderAsAnyOther) {
    const Proxy proxy = Proxy::make(settings()).value();
    const auto info = tsmfd::Device::open(proxy.index()).value().info().value();
    EXPECT_EQ(info.name, "test");
    EXPECT_EQ(info.max_inflight, 4U);
    EXPECT_EQ(info.outblob_max, outblob_max);
    EXPECT_EQ(info.auxblob_max, auxblob_max);
    EXPECT_TRUE(info.gives(Format::extended));
    EXPECT_TRUE(info.has_service());
}

TEST(Proxy, TakesAnswersInAnyOrder) {
    const Proxy proxy = Proxy::make(settings(3)).value();
    std::vector<std::unique_ptr<Asked>> callers;
    std::vector<Options> options;
    std::vector<ProxyRequest> requests;
    for (unsigned i = 0; i < 3; ++i) {
        options.push_back(ask(i));
        callers.push_back(std::make_unique<Asked>(proxy, options[i]));
        requests.push_back(take(proxy));
    }
    for (const ProxyRequest& request : {requests[2], requests[0], requests[1]})
        ASSERT_TRUE(proxy.answer(
            request.id,
            {.outblob = request.options.inblob.bytes(), .auxblob = {}, .manifestblob = {}}));
    for (unsigned i = 0; i < 3; ++i) {
        ASSERT_TRUE(callers[i]->answer());
        EXPECT_TRUE(std::ranges::equal(callers[i]->answer()->outblob, options[i].inblob.bytes()));
    }
}

TEST(Proxy, HandsOutNoMoreThanItSaid) {
    ProxySettings made = settings(2);
    made.blocking = false;
    const Proxy proxy = Proxy::make(made).value();
    std::vector<std::unique_ptr<Asked>> callers;
    for (unsigned i = 0; i < 5; ++i)
        callers.push_back(std::make_unique<Asked>(proxy, ask()));
    std::vector<std::uint64_t> handed;
    const auto take_all = [&] {
        for (auto request = proxy.next(); request && *request; request = proxy.next())
            handed.push_back((*request)->id);
    };
    EXPECT_TRUE(await([&] {
        take_all();
        return handed.size() == 2;
    }));
    std::this_thread::sleep_for(milliseconds(50));
    take_all();
    EXPECT_EQ(handed.size(), 2U);
    for (std::size_t done = 0; done < 5; ++done) {
        EXPECT_TRUE(proxy.refuse(handed.at(done), EIO));
        const std::size_t due = std::min<std::size_t>(5, done + 3);
        EXPECT_TRUE(await([&] {
            take_all();
            return handed.size() == due;
        }));
    }
    for (const auto& caller : callers)
        EXPECT_EQ(caller->code(), EIO);
}

TEST(Proxy, ClosingItEndsEveryCaller) {
    auto proxy = std::make_optional(Proxy::make(settings(2)).value());
    const std::string path = device_path(proxy->index());
    std::vector<std::unique_ptr<Asked>> callers;
    for (unsigned i = 0; i < 4; ++i)
        callers.push_back(std::make_unique<Asked>(*proxy, ask(i)));
    (void)take(*proxy); // one handed out, one not read yet, two queued
    const UniqueFd kept(::open(path.c_str(), O_RDWR));
    proxy.reset();
    for (const auto& caller : callers)
        EXPECT_EQ(caller->code(), ENODEV);
    EXPECT_EQ(try_open(path, O_RDWR), fails(ENOENT));
    EXPECT_EQ(put(kept.get(), "inblob=00"), fails(ENODEV));
}

TEST(Proxy, TheEndOfItsProcessEndsEveryCaller) {
    std::array<int, 2> ends{};
    ASSERT_EQ(::pipe(ends.data()), 0);
    Child firmware([&] {
        const Proxy proxy = Proxy::make(settings(1)).value();
        const unsigned index = proxy.index();
        if (::write(ends[1], &index, sizeof(index)) != sizeof(index))
            return 1;
        (void)proxy.next();
        ::pause();
        return 0;
    });
    unsigned index = 0;
    ASSERT_EQ(::read(ends[0], &index, sizeof(index)), static_cast<ssize_t>(sizeof(index)));
    tsmfd::Result<tsmfd::Report> answer = tsmfd::fail("not yet", 0);
    std::jthread caller([&] { answer = tsmfd::Device::open(index).value().report(ask()); });
    std::this_thread::sleep_for(milliseconds(100));
    firmware.signal(SIGKILL);
    caller.join();
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, ENODEV);
    ::close(ends[0]);
    ::close(ends[1]);
}

TEST(Proxy, GivesUpAFirmwareThatTakesTooLong) {
    const Proxy proxy = Proxy::make(settings(1, 100)).value();
    Asked asked(proxy, ask());
    const ProxyRequest request = take(proxy);
    EXPECT_EQ(asked.code(), ETIMEDOUT);
    const Bytes late(8);
    const auto answered =
        proxy.answer(request.id, {.outblob = late, .auxblob = {}, .manifestblob = {}});
    ASSERT_FALSE(answered);
    EXPECT_EQ(answered.error().code, ENOENT);
    EXPECT_EQ(proxy.stats()->timeouts, 1U);
    EXPECT_EQ(proxy.stats()->refused, 1U);

    // It may do better with the next.
    Asked again(proxy, ask());
    ASSERT_TRUE(proxy.answer(take(proxy).id, {.outblob = late, .auxblob = {}, .manifestblob = {}}));
    EXPECT_EQ(again.code(), 0);
}

TEST(Proxy, ACallerThatGivesUpIsNoMatterToTheFirmware) {
    const Proxy proxy = Proxy::make(settings(1)).value();
    Asked hasty(proxy, ask(), 50);
    const ProxyRequest request = take(proxy);
    EXPECT_EQ(hasty.code(), ETIMEDOUT);
    const Bytes blob(8);
    EXPECT_TRUE(proxy.answer(request.id, {.outblob = blob, .auxblob = {}, .manifestblob = {}}));
    EXPECT_EQ(proxy.stats()->answers, 1U);
}

// A device whose firmware takes challenges of some lengths only.
class ProxyInblob {
public:
    ProxyInblob(std::uint32_t least, std::uint32_t most)
        : proxy_(make(least, most)),
          file_(::open(device_path(proxy_.index()).c_str(), O_RDWR | O_CLOEXEC)) {}

    [[nodiscard]] tsmfd_info info() const {
        tsmfd_info info{};
        EXPECT_EQ(outcome_of(::ioctl(file_.get(), TSMFD_IOC_INFO, &info)), gives(0));
        return info;
    }
    [[nodiscard]] Outcome write(std::size_t size, std::string_view more = "") const {
        return put(file_.get(), ask({}, Format::plain, size).text() + std::string(more));
    }
    // For what is refused: nobody answers the others.
    [[nodiscard]] Outcome call(std::size_t size, std::uint32_t flags = 0) const {
        OneShot shot(ask({}, Format::plain, size));
        shot.req.flags |= flags;
        return shot.call(file_.get());
    }
    // What the firmware is given when the device is asked with so many bytes.
    [[nodiscard]] std::size_t asked_with(std::size_t size) const {
        Asked asked(proxy_, ask({}, Format::plain, size));
        const ProxyRequest request = take(proxy_);
        EXPECT_TRUE(proxy_.refuse(request.id, EIO));
        EXPECT_EQ(asked.code(), EIO);
        return request.options.inblob.size;
    }

private:
    static Proxy make(std::uint32_t least, std::uint32_t most) {
        ProxySettings made = settings();
        made.inblob_min = least;
        made.inblob_max = most;
        return Proxy::make(made).value();
    }

    Proxy proxy_;
    UniqueFd file_;
};

TEST(ProxyInblobs, LongerThanTheFirmwareTakesAreRefusedAndSoAreBatches) {
    // As of a TPM whose longest hash is SHA-256.
    const ProxyInblob device(1, 34);
    EXPECT_EQ(device.info().inblob_min, 1U);
    EXPECT_EQ(device.info().inblob_max, 34U);
    EXPECT_EQ(device.info().features & TSMFD_FEATURE_BATCH, 0U);
    for (const std::size_t size : {35U, 63U, 64U}) {
        EXPECT_EQ(device.write(size), fails(EINVAL)) << size;
        EXPECT_EQ(device.call(size), fails(EINVAL)) << size;
    }
    EXPECT_EQ(device.write(34, "batch=1"), fails(EOPNOTSUPP));
    EXPECT_EQ(device.call(34, TSMFD_OPT_BATCH), fails(EOPNOTSUPP));
    EXPECT_TRUE(device.write(34).ok());
    EXPECT_EQ(device.asked_with(34), 34U);
    EXPECT_EQ(device.asked_with(1), 1U);
}

TEST(ProxyInblobs, ShorterThanTheFirmwareTakesAreRefused) {
    // As of a TDX module.
    const ProxyInblob device(64, 64);
    EXPECT_EQ(device.info().inblob_min, 64U);
    EXPECT_EQ(device.info().inblob_max, 64U);
    EXPECT_NE(device.info().features & TSMFD_FEATURE_BATCH, 0U);
    for (const std::size_t size : {1U, 32U, 63U}) {
        EXPECT_EQ(device.write(size), fails(EINVAL)) << size;
        EXPECT_EQ(device.call(size), fails(EINVAL)) << size;
    }
    EXPECT_TRUE(device.write(64).ok());
    EXPECT_EQ(device.asked_with(64), 64U);
}

TEST(ProxyInblobs, OfAllLengthsAreTakenIfTheFirmwareDoesNotSay) {
    const ProxyInblob device(0, 0);
    EXPECT_EQ(device.info().inblob_min, 1U);
    EXPECT_EQ(device.info().inblob_max, 64U);
    EXPECT_EQ(device.asked_with(1), 1U);
    EXPECT_EQ(device.asked_with(64), 64U);
}

// Raw answers to one request that waits.
class ProxyAnswer : public testing::Test {
protected:
    [[nodiscard]] Outcome write(const tsmfd_proxy_answer& head, std::size_t blobs) const {
        Bytes bytes(sizeof(head) + blobs, 0x5a);
        std::memcpy(bytes.data(), &head, sizeof(head));
        return outcome_of(::write(proxy_.fd(), bytes.data(), bytes.size()));
    }
    [[nodiscard]] static tsmfd_proxy_answer head(std::uint64_t id, std::uint32_t error,
                                                 std::uint32_t outblob, std::uint32_t auxblob = 0,
                                                 std::uint32_t manifestblob = 0) {
        return {.id = id,
                .error = error,
                .outblob_len = outblob,
                .auxblob_len = auxblob,
                .manifestblob_len = manifestblob};
    }

    Proxy proxy_ = Proxy::make(settings()).value();
    Asked asked_{proxy_, ask()};
    std::uint64_t id_ = take(proxy_).id;
};

TEST_F(ProxyAnswer, OfAnotherShapeIsRefusedAndTheRequestGoesOn) {
    EXPECT_EQ(write(head(id_, 0, 8), 7), fails(EINVAL));
    EXPECT_EQ(write(head(id_, 0, 8), 9), fails(EINVAL));
    EXPECT_EQ(write(head(id_, 0, 0), 0), fails(EINVAL)) << "neither report nor error";
    EXPECT_EQ(write(head(id_, EIO, 8), 8), fails(EINVAL)) << "both";
    EXPECT_EQ(write(head(id_, EIO, 0, 8), 8), fails(EINVAL));
    EXPECT_EQ(write(head(id_, 0, 0xffffffffU, 1, 8), 8), fails(EINVAL)) << "wraps around";
    EXPECT_EQ(write(head(id_, 0, outblob_max + 1), outblob_max + 1), fails(EMSGSIZE));
    EXPECT_EQ(write(head(id_, 0, 8, auxblob_max + 1), auxblob_max + 9), fails(EMSGSIZE));
    EXPECT_EQ(write(head(id_, 0, 8, 0, 101), 109), fails(EMSGSIZE));
    for (std::size_t size = 0; size < sizeof(tsmfd_proxy_answer); ++size) {
        const Bytes bytes(size);
        EXPECT_EQ(outcome_of(::write(proxy_.fd(), bytes.data(), size)), fails(EINVAL));
    }
    // The last of them is not there.
    const tsmfd_proxy_answer good = head(id_, 0, 8);
    const std::array<iovec, 2> parts = {
        {{const_cast<tsmfd_proxy_answer*>(&good), sizeof(good)}, {nullptr, 8}}};
    EXPECT_EQ(outcome_of(::writev(proxy_.fd(), parts.data(), 2)), fails(EFAULT));

    const std::uint64_t refused = proxy_.stats()->refused;
    EXPECT_GE(refused, 30U);
    EXPECT_EQ(write(good, 8), gives(sizeof(good) + 8));
    ASSERT_TRUE(asked_.answer());
    EXPECT_EQ(asked_.answer()->outblob, Bytes(8, 0x5a));
    EXPECT_EQ(proxy_.stats()->refused, refused);
    EXPECT_EQ(proxy_.stats()->answers, 1U);
}

TEST_F(ProxyAnswer, ToNoRequestIsRefused) {
    EXPECT_EQ(write(head(id_ + 1, 0, 8), 8), fails(ENOENT));
    EXPECT_EQ(write(head(0, 0, 8), 8), fails(ENOENT));
    EXPECT_EQ(write(head(~0ULL, EIO, 0), 0), fails(ENOENT));
    EXPECT_TRUE(write(head(id_, 0, 8), 8).ok());
    EXPECT_EQ(write(head(id_, 0, 8), 8), fails(ENOENT)) << "a second time";
    EXPECT_EQ(asked_.code(), 0);
}

TEST_F(ProxyAnswer, IsNoErrnoThatMeansSomethingElseToACaller) {
    for (std::uint32_t error = 1; error <= last_errno + 2; ++error) {
        if (!is_firmwares_errno(error)) {
            EXPECT_EQ(write(head(id_, error, 0), 0), fails(EINVAL)) << error;
        }
    }
    EXPECT_EQ(write(head(id_, 0x80000000U, 0), 0), fails(EINVAL));
    EXPECT_EQ(write(head(id_, 0xffffffffU, 0), 0), fails(EINVAL)) << "-1";
    EXPECT_EQ(proxy_.stats()->answers, 0U);
    EXPECT_TRUE(write(head(id_, EBUSY, 0), 0).ok());
    EXPECT_EQ(asked_.code(), EBUSY);
}

TEST(ProxyErrno, IsAnyOther) {
    const Proxy proxy = Proxy::make(settings()).value();
    std::vector<std::uint32_t> errors = {kernels_first_errno - 1, kernels_last_errno + 1,
                                         last_errno};
    for (std::uint32_t error = 1; error <= EHWPOISON; ++error) {
        if (is_firmwares_errno(error))
            errors.push_back(error);
    }
    ASSERT_GT(errors.size(), 100U);
    for (const std::uint32_t error : errors) {
        Asked asked(proxy, ask());
        ASSERT_TRUE(proxy.refuse(take(proxy).id, static_cast<int>(error))) << error;
        EXPECT_EQ(asked.code(), static_cast<int>(error));
    }
}

TEST(ProxyReading, NeedsRoomForARequestAndGivesAllThatFit) {
    ProxySettings made = settings(4);
    made.blocking = false;
    auto proxy = std::make_optional(Proxy::make(made).value());
    std::array<tsmfd_proxy_request, 3> requests{};
    EXPECT_EQ(outcome_of(::read(proxy->fd(), requests.data(), sizeof(requests[0]) - 1)),
              fails(EINVAL));
    EXPECT_EQ(outcome_of(::read(proxy->fd(), requests.data(), sizeof(requests))), fails(EAGAIN));

    std::vector<std::unique_ptr<Asked>> callers;
    for (unsigned i = 0; i < 4; ++i)
        callers.push_back(std::make_unique<Asked>(*proxy, ask(i)));
    std::this_thread::sleep_for(milliseconds(200));
    pollfd polled{.fd = proxy->fd(), .events = POLLIN, .revents = 0};
    ASSERT_EQ(::poll(&polled, 1, 10'000), 1);
    EXPECT_EQ(outcome_of(::read(proxy->fd(), requests.data(), sizeof(requests))),
              gives(sizeof(requests)));
    EXPECT_LT(requests[0].id, requests[1].id);
    EXPECT_LT(requests[1].id, requests[2].id);
    // What could not be copied out is not lost.
    void* const nowhere =
        ::mmap(nullptr, sizeof(requests), PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ASSERT_NE(nowhere, MAP_FAILED);
    EXPECT_EQ(outcome_of(::read(proxy->fd(), nowhere, sizeof(requests))), fails(EFAULT));
    EXPECT_EQ(outcome_of(::read(proxy->fd(), requests.data(), sizeof(requests))),
              gives(sizeof(requests[0])));
    ::munmap(nowhere, sizeof(requests));
    polled.revents = 0;
    EXPECT_EQ(::poll(&polled, 1, 50), 0);
    proxy.reset(); // before the callers, who would wait
}

TEST(ProxyReading, IsInterruptedBySignals) {
    const Proxy proxy = Proxy::make(settings()).value();
    struct sigaction action {};
    struct sigaction before {};
    action.sa_handler = [](int) {};
    ASSERT_EQ(::sigaction(SIGUSR1, &action, &before), 0);
    tsmfd_proxy_request request{};
    Caller reader([&] { return outcome_of(::read(proxy.fd(), &request, sizeof(request))); });
    ASSERT_TRUE(reader.blocks());
    reader.signal(SIGUSR1);
    EXPECT_EQ(reader.result(), fails(EINTR));
    EXPECT_EQ(::sigaction(SIGUSR1, &before, nullptr), 0);
}

class ProxyNew : public testing::Test {
protected:
    static tsmfd_proxy_new good() {
        tsmfd_proxy_new made{};
        made.formats = 1;
        made.outblob_max = 64;
        made.max_inflight = 1;
        std::strcpy(made.name, "new");
        return made;
    }
    Outcome make(const tsmfd_proxy_new& from, unsigned long command = TSMFD_PROXY_IOC_NEW) {
        made_ = from;
        const Outcome outcome = outcome_of(::ioctl(control_.get(), command, &made_));
        if (outcome.ok())
            ::close(made_.fd);
        return outcome;
    }
    static unsigned long of_size(std::size_t size) {
        return _IOC(_IOC_READ | _IOC_WRITE, TSMFD_IOC_MAGIC, 0x10, size);
    }

    UniqueFd control_{::open("/dev/tsmfd-proxy", O_RDWR)};
    tsmfd_proxy_new made_{};
};

TEST_F(ProxyNew, RefusesWhatNoProviderCanBe) {
    EXPECT_TRUE(make(good()).ok());
    const auto refused = [this](auto change) {
        tsmfd_proxy_new made = good();
        change(made);
        return make(made) == fails(EINVAL);
    };
    EXPECT_TRUE(refused([](auto& made) { made.flags = 1; }));
    EXPECT_TRUE(refused([](auto& made) { made.formats = 0; }));
    EXPECT_TRUE(refused([](auto& made) { made.formats = 4; }));
    EXPECT_TRUE(refused([](auto& made) { made.features = 0x80000000U; }));
    EXPECT_TRUE(refused([](auto& made) { made.privlevel_floor = 1; }));
    EXPECT_TRUE(refused([](auto& made) { made.privlevel_max = 4; }));
    EXPECT_TRUE(refused([](auto& made) { made.inblob_max = 65; }));
    EXPECT_TRUE(refused([](auto& made) { made.inblob_min = 65; }));
    EXPECT_TRUE(refused([](auto& made) { made.inblob_min = 0xffffffffU; }));
    EXPECT_TRUE(refused([](auto& made) {
        made.inblob_min = 35;
        made.inblob_max = 34;
    }));
    EXPECT_TRUE(refused([](auto& made) { made.outblob_max = 0; }));
    EXPECT_TRUE(refused([](auto& made) { made.outblob_max = (16U << 20) + 1; }));
    EXPECT_TRUE(refused([](auto& made) { made.auxblob_max = 0xffffffffU; }));
    EXPECT_TRUE(refused([](auto& made) { made.max_inflight = 0; }));
    EXPECT_TRUE(refused([](auto& made) { made.max_inflight = 257; }));
    EXPECT_TRUE(refused([](auto& made) { made.name[0] = 0; }));
    EXPECT_TRUE(refused([](auto& made) { std::strcpy(made.name, "a b"); }));
    EXPECT_TRUE(refused([](auto& made) { std::memset(made.name, 'x', sizeof(made.name)); }));
}

TEST_F(ProxyNew, MayGrow) {
    struct Grown {
        tsmfd_proxy_new known = good();
        std::uint64_t more = 0;
    } grown;
    const auto make_grown = [&] {
        return outcome_of(::ioctl(control_.get(), of_size(sizeof(grown)), &grown));
    };
    EXPECT_TRUE(make_grown().ok());
    ::close(grown.known.fd);
    grown.more = 1;
    EXPECT_EQ(make_grown(), fails(E2BIG));
    EXPECT_EQ(make(good(), of_size(sizeof(tsmfd_proxy_new) - 4)), fails(EINVAL));
    EXPECT_EQ(outcome_of(::ioctl(control_.get(), TSMFD_PROXY_IOC_NEW, nullptr)), fails(EFAULT));
    EXPECT_EQ(outcome_of(::ioctl(control_.get(), TSMFD_PROXY_IOC_STATS, &made_)), fails(ENOTTY));
}

TEST_F(ProxyNew, TakesAPrivilege) {
    Child nobody([&] {
        // The descriptor, but not the privilege.
        if (::setresuid(65534, 65534, 65534) != 0)
            return 255;
        if (::open("/dev/tsmfd-proxy", O_RDWR) >= 0 || errno != EACCES)
            return 254;
        const Outcome outcome = make(good());
        return outcome.ok() ? 0 : static_cast<int>(-outcome.value);
    });
    EXPECT_EQ(nobody.status(), EPERM);
}

} // namespace
