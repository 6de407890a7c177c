// SPDX-License-Identifier: MIT
//
// Many open files of /dev/tsmfdN under the server's own epoll, each with one request at a time.
// Requests beyond the open files, or beyond the user's quota, wait their turn.
#include "source.hpp"

#include <tsmfd/async_device.hpp>

#include <algorithm>
#include <cerrno>
#include <deque>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <sys/epoll.h>

namespace attested {

namespace {

using tsmfd::AsyncDevice;
using tsmfd::Result;

struct Request {
    Ticket ticket = 0;
    tsmfd::Options options;
};

class DeviceSource;

// An open file, and whose report it waits for.
class Slot final : public Handler {
public:
    Slot(DeviceSource& source, AsyncDevice opened) : device(std::move(opened)), source_(source) {}
    void ready(std::uint32_t events) override;

    AsyncDevice device;
    Request request; // ticket 0: nobody's

private:
    DeviceSource& source_;
};

class DeviceSource final : public Source {
public:
    DeviceSource(SourceSettings settings, tsmfd::ProviderInfo info, AsyncDevice first)
        : settings_(std::move(settings)), info_(std::move(info)), first_(std::move(first)) {}

    Result<void> begin(Loop& loop, Deliver deliver) override {
        loop_ = &loop;
        deliver_ = std::move(deliver);
        return add(std::move(first_));
    }

    void ask(Ticket ticket, const tsmfd::Inblob& inblob,
             std::span<const tsmfd::Format> formats) override {
        const auto format = std::ranges::find_if(
            formats, [this](tsmfd::Format wanted) { return info_.gives(wanted); });
        if (format == formats.end())
            return deliver_(ticket, tsmfd::fail("a report of any format asked for", EOPNOTSUPP));
        Request request{.ticket = ticket, .options = {}};
        request.options.inblob = inblob;
        request.options.privlevel = privlevel();
        request.options.format = *format;
        request.options.batch = settings_.batch;
        waiting_.push_back(std::move(request));
        start_waiting();
    }

    void forget(Ticket ticket) override {
        if (std::erase_if(waiting_, [ticket](const Request& r) { return r.ticket == ticket; }) > 0)
            return;
        const auto slot =
            std::ranges::find(slots_, ticket, [](const auto& s) { return s->request.ticket; });
        if (slot != slots_.end())
            release(**slot);
    }

    [[nodiscard]] std::string name() const override {
        return fmt::format("{} by {}{}", info_.name, settings_.device,
                           settings_.batch ? ", batched" : "");
    }

    void finish(Slot& slot) {
        if (slot.request.ticket == 0)
            return;
        auto taken = slot.device.take();
        if (taken && !*taken)
            return; // of a request that was given up
        Request request = release(slot);
        // Over quota: the next that comes back makes room, if one is out.
        if (!taken && taken.error().code == EDQUOT && idle_.size() < slots_.size()) {
            waiting_.push_front(std::move(request));
            return;
        }
        if (taken)
            deliver_(request.ticket, message_of(request, **taken));
        else
            deliver_(request.ticket, std::unexpected(taken.error()));
        start_waiting();
    }

private:
    [[nodiscard]] std::optional<std::uint32_t> privlevel() const {
        if (!info_.has_privlevels())
            return std::nullopt;
        return info_.privlevel_floor;
    }

    [[nodiscard]] Answer message_of(const Request& request, tsmfd::ByteSpan stream) const {
        const auto evidence = tsmfd::Evidence::of_stream(stream);
        return encode(EvidenceMessage{.format = request.options.format,
                                      .privlevel = request.options.privlevel.value_or(0),
                                      .provider = info_.name,
                                      .outblob = evidence.outblob,
                                      .auxblob = evidence.auxblob,
                                      .proof = evidence.proof});
    }

    Request release(Slot& slot) {
        idle_.push_back(&slot);
        return std::exchange(slot.request, {});
    }

    Result<void> add(AsyncDevice device) {
        auto slot = std::make_unique<Slot>(*this, std::move(device));
        if (auto added = loop_->add(slot->device.fd(), EPOLLIN | EPOLLET, *slot); !added)
            return added;
        idle_.push_back(slot.get());
        slots_.push_back(std::move(slot));
        return {};
    }

    // An idle slot, made if need be; nullptr if there may be no more.
    Result<Slot*> idle_slot() {
        if (idle_.empty() && slots_.size() < settings_.inflight) {
            auto device = AsyncDevice::open(settings_.device);
            // Out of descriptors: those that there are have to do.
            if (!device && slots_.empty())
                return std::unexpected(device.error());
            if (device) {
                if (auto added = add(std::move(*device)); !added)
                    return std::unexpected(added.error());
            }
        }
        return idle_.empty() ? nullptr : idle_.back();
    }

    void start_waiting() {
        while (!waiting_.empty()) {
            const auto slot = idle_slot();
            if (slot && *slot == nullptr)
                return;
            Result<void> started = slot ? (*slot)->device.start(waiting_.front().options)
                                        : std::unexpected(slot.error());
            if (!started && started.error().code == ENODEV && slot && reopen(**slot))
                started = (*slot)->device.start(waiting_.front().options);
            Request request = std::move(waiting_.front());
            waiting_.pop_front();
            if (started) {
                (*slot)->request = std::move(request);
                idle_.pop_back();
                continue;
            }
            deliver_(request.ticket, std::unexpected(started.error()));
        }
    }

    // The provider went away; the next of the name may be another.
    bool reopen(Slot& slot) {
        const auto named = tsmfd::Device::open(settings_.device);
        auto info = named ? named->info() : std::unexpected(named.error());
        auto device = AsyncDevice::open(settings_.device);
        if (!info || !device || !loop_->add(device->fd(), EPOLLIN | EPOLLET, slot))
            return false;
        info_ = std::move(*info);
        slot.device = std::move(*device);
        return true;
    }

    SourceSettings settings_;
    tsmfd::ProviderInfo info_;
    AsyncDevice first_;
    Loop* loop_ = nullptr;
    Deliver deliver_;
    std::vector<std::unique_ptr<Slot>> slots_;
    std::vector<Slot*> idle_;
    std::deque<Request> waiting_;
};

void Slot::ready(std::uint32_t /*events*/) {
    source_.finish(*this);
}

} // namespace

Result<std::unique_ptr<Source>> make_device_source(const SourceSettings& settings) {
    const auto device = tsmfd::Device::open(settings.device);
    if (!device)
        return std::unexpected(device.error());
    auto info = device->info();
    if (!info)
        return std::unexpected(info.error());
    auto first = AsyncDevice::open(settings.device);
    if (!first)
        return std::unexpected(first.error());
    return std::make_unique<DeviceSource>(settings, std::move(*info), std::move(*first));
}

} // namespace attested
