// SPDX-License-Identifier: MIT
//
// /dev/tsmfdN by TSMFD_IOC_REPORT, an open file a caller or one for all.
#include "face.hpp"

#include <utility>

namespace stress {

namespace {

class IoctlCaller final : public BlockingCaller {
public:
    IoctlCaller(const Settings& settings, const tsmfd::Device* shared)
        : settings_(settings), device_(shared) {}

    tsmfd::Result<void> prepare() override {
        return device_ != nullptr ? tsmfd::Result<void>() : open();
    }

protected:
    tsmfd::Result<tsmfd::Evidence> ask(Question& question) override {
        if (settings_.new_file) {
            own_.reset();
            if (auto opened = open(); !opened)
                return std::unexpected(std::move(opened.error()));
        }
        question.submitted = true;
        if (auto got = device_->report_into(question.options, buffer_); !got)
            return std::unexpected(std::move(got.error()));
        return tsmfd::Evidence{
            .outblob = buffer_.outblob(), .auxblob = buffer_.auxblob(), .proof = buffer_.proof()};
    }

private:
    tsmfd::Result<void> open() {
        tsmfd::Result<tsmfd::Device> device = tsmfd::Device::open(settings_.device);
        if (!device)
            return std::unexpected(std::move(device.error()));
        own_ = std::move(*device);
        device_ = &*own_;
        return {};
    }

    const Settings& settings_;
    const tsmfd::Device* device_;
    std::optional<tsmfd::Device> own_;
    tsmfd::ReportBuffer buffer_;
};

} // namespace

std::unique_ptr<Caller> make_ioctl_caller(const Settings& settings, const tsmfd::Device* shared) {
    return std::make_unique<IoctlCaller>(settings, shared);
}

} // namespace stress
