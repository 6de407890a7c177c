// SPDX-License-Identifier: MIT
//
// The sysfs ABI proposed in 2023: one set of options for the machine. A caller does what the
// proposal's script does, without a lock, and so may get another's report.
#include "face.hpp"
#include "files.hpp"
#include "sysfs2023.hpp"

#include <tsmfd/hex.hpp>
#include <tsmfd/unique_fd.hpp>

#include <string_view>
#include <utility>

#include <fcntl.h>

namespace stress {

namespace {

std::string directory_of(const Settings& settings) {
    const std::string_view device = settings.device;
    return sysfs2023_directory(device.substr(device.find_last_not_of("0123456789") + 1));
}

class SysfsCaller final : public BlockingCaller {
public:
    explicit SysfsCaller(const Settings& settings)
        : directory_(directory_of(settings)), inhex_(directory_ + "/inhex"),
          privlevel_(directory_ + "/privlevel"), format_(directory_ + "/format"),
          outblob_(directory_ + "/outblob") {}

    tsmfd::Result<void> prepare() override { return {}; }

protected:
    tsmfd::Result<tsmfd::Evidence> ask(Question& question) override {
        const tsmfd::Options& options = question.options;
        hex_.clear();
        tsmfd::append_hex(hex_, options.inblob.bytes());
        if (auto done = files::write_file(inhex_, hex_.data(), hex_.size()); !done)
            return std::unexpected(std::move(done.error()));
        if (options.privlevel) {
            const std::string level = std::to_string(*options.privlevel);
            if (auto done = files::write_file(privlevel_, level.data(), level.size()); !done)
                return std::unexpected(std::move(done.error()));
        }
        const std::string_view format = tsmfd::format_name(options.format);
        if (auto done = files::write_file(format_, format.data(), format.size()); !done)
            return std::unexpected(std::move(done.error()));
        return evidence_of(files::read_file(outblob_, buffer_));
    }

private:
    std::string directory_;
    std::string inhex_;
    std::string privlevel_;
    std::string format_;
    std::string outblob_;
    std::string hex_;
    std::vector<std::uint8_t> buffer_;
};

} // namespace

std::unique_ptr<Caller> make_sysfs_caller(const Settings& settings) {
    return std::make_unique<SysfsCaller>(settings);
}

tsmfd::Result<std::string> probe_sysfs(const Settings& settings) {
    const std::string inhex = directory_of(settings) + "/inhex";
    const tsmfd::UniqueFd fd(::open(inhex.c_str(), O_WRONLY | O_CLOEXEC));
    if (!fd)
        return tsmfd::fail("open " + inhex, errno);
    return files::read_line(directory_of(settings) + "/provider");
}

} // namespace stress
