// SPDX-License-Identifier: MIT
//
// /dev/tsmfdN by write(2) and read(2), an open file a caller.
#include "face.hpp"

#include <cstdint>
#include <utility>
#include <vector>

namespace stress {

namespace {

class ChardevCaller final : public BlockingCaller {
public:
    explicit ChardevCaller(const Settings& settings) : settings_(settings) {}

    tsmfd::Result<void> prepare() override {
        tsmfd::Result<tsmfd::Device> device = tsmfd::Device::open(settings_.device);
        if (!device)
            return std::unexpected(std::move(device.error()));
        device_ = std::move(*device);
        return {};
    }

protected:
    tsmfd::Result<tsmfd::Evidence> ask(Question& question) override {
        if (auto set = device_->set(question.options); !set)
            return std::unexpected(std::move(set.error()));
        question.submitted = true;
        return evidence_of(device_->read_whole(buffer_));
    }

private:
    const Settings& settings_;
    std::optional<tsmfd::Device> device_;
    std::vector<std::uint8_t> buffer_;
};

} // namespace

std::unique_ptr<Caller> make_chardev_caller(const Settings& settings) {
    return std::make_unique<ChardevCaller>(settings);
}

} // namespace stress
