// SPDX-License-Identifier: MIT
//
// tsm-unseal: asks a broker for a secret, with a report of this guest, and opens a volume with it.
#include "address.hpp"
#include "ask.hpp"
#include "luks.hpp"

#include <tsmfd/device.hpp>
#include <tsmfd/names.hpp>
#include <tsmfd/version.hpp>

#include <csignal>
#include <cstdio>
#include <optional>
#include <string>
#include <thread>

#include <CLI/CLI.hpp>
#include <files.hpp>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <unistd.h>

namespace {

using namespace keybroker;
using tsmfd::Result;
using Clock = std::chrono::steady_clock;

enum Exit : int { done = 0, failed = 1, usage = 2, no_provider = 3, refused = 4 };

constexpr std::chrono::seconds attempt_patience{90}; // SEV-SNP's firmware may take 60
constexpr std::chrono::seconds connect_patience{5};
constexpr std::chrono::milliseconds pause{500};

struct Words {
    std::string broker;
    std::string broker_key;
    bool any_broker = false;
    std::string name = "root";
    std::string provider = tsmfd::device_path(0);
    std::optional<std::uint32_t> privlevel;
    std::uint32_t wait = 60;
    bool print = false;
    Volume volume;
};

int complain(const tsmfd::Error& error, int status = failed) {
    fmt::print(stderr, "tsm-unseal: {}\n", error.message());
    return status;
}

Result<std::optional<BrokerKey>> broker_key(const Words& words) {
    if (words.any_broker)
        return std::nullopt;
    const auto pem = files::read_file(words.broker_key);
    if (!pem)
        return std::unexpected(pem.error());
    auto key = BrokerKey::from_pem(*pem);
    if (!key)
        return tsmfd::fail(words.broker_key + ": " + key.error().what, key.error().code);
    return std::optional(std::move(*key));
}

Result<tsmfd::Report> report_of(const tsmfd::Device& device, const Words& words,
                                const ReportData& data) {
    const auto info = device.info();
    if (!info)
        return std::unexpected(info.error());
    tsmfd::Options options;
    options.inblob = *tsmfd::Inblob::from(data);
    options.privlevel = words.privlevel;
    if (info->gives(tsmfd::Format::extended))
        options.format = tsmfd::Format::extended;
    return device.report(options);
}

// What another attempt would not change.
bool is_final(const tsmfd::Error& error) {
    return error.code == EACCES || error.code == EKEYREJECTED || error.code == EINVAL;
}

Result<Secret> ask_once(const Address& address, const Question& question,
                        const Reporter& reporter) {
    auto socket = connect_to(address, connect_patience);
    if (!socket)
        return std::unexpected(socket.error());
    Stream stream(std::move(*socket), attempt_patience);
    return ask(stream, question, reporter);
}

Result<Secret> ask_until(const Words& words, const Address& address, const Question& question,
                         const Reporter& reporter) {
    const auto until = Clock::now() + std::chrono::seconds(words.wait);
    while (true) {
        auto secret = ask_once(address, question, reporter);
        if (secret || is_final(secret.error()) || Clock::now() + pause > until)
            return secret;
        std::this_thread::sleep_for(pause);
    }
}

int use(const Words& words, const Secret& secret) {
    if (words.print) {
        if (::write(STDOUT_FILENO, secret.data(), secret.size()) !=
            static_cast<ssize_t>(secret.size()))
            return complain({"write the secret", errno});
        return done;
    }
    if (const auto opened = open_volume(words.volume, secret); !opened)
        return complain(opened.error());
    fmt::print("/dev/mapper/{}\n", words.volume.name);
    return done;
}

int run(const Words& words) {
    if (const auto heap = make_secret_heap(); !heap)
        return complain(heap.error());
    ::prctl(PR_SET_DUMPABLE, 0);
    struct sigaction action {};
    action.sa_handler = SIG_IGN;
    ::sigaction(SIGPIPE, &action, nullptr);

    const auto address = Address::parse(words.broker);
    if (!address)
        return complain(address.error(), usage);
    const auto key = broker_key(words);
    if (!key)
        return complain(key.error());
    const auto device = tsmfd::Device::open(words.provider);
    if (!device)
        return complain(device.error(), no_provider);

    const Question question{.name = words.name, .broker = *key ? &**key : nullptr};
    const auto secret = ask_until(words, *address, question, [&](const ReportData& data) {
        return report_of(*device, words, data);
    });
    if (!secret)
        return complain(secret.error(), is_final(secret.error()) ? refused : failed);
    return use(words, *secret);
}

} // namespace

int main(int argc, char** argv) {
    Words words;
    CLI::App app("Asks a broker for a secret, with a report of this guest");
    app.set_version_flag("--version", std::string(tsmfd::version()));
    app.add_option("--broker", words.broker,
                   "tcp:HOST:PORT, unix:PATH, vsock:CID:PORT, or file:PATH of a serial port")
        ->required();
    auto* key =
        app.add_option("--broker-key", words.broker_key, "The broker's public key, Ed25519 in PEM");
    auto* any = app.add_flag("--any-broker", words.any_broker,
                             "Believe whoever answers: the secret may be anybody's");
    key->excludes(any);
    app.add_option("--name", words.name, "Of the secret")->capture_default_str();
    app.add_option("--provider", words.provider, "Whose report")->capture_default_str();
    app.add_option("--privlevel", words.privlevel, "Of the report");
    app.add_option("--wait", words.wait, "Seconds to try for, while the broker cannot be reached")
        ->capture_default_str();
    auto* print = app.add_flag("--print", words.print, "Print the secret");
    auto* open = app.add_option("--open", words.volume.device, "Open this LUKS2 volume with it");
    auto* as = app.add_option("--as", words.volume.name, "The name to open it as");
    app.add_flag("--readonly", words.volume.read_only, "Open it read-only")->needs(open);
    open->needs(as)->excludes(print);
    as->needs(open);
    app.footer("Exit status: 0 done; 1 failed; 2 usage; 3 there is no provider; 4 refused, by the "
               "broker or by this.");
    try {
        app.parse(argc, argv);
        if (words.broker_key.empty() && !words.any_broker)
            throw CLI::RequiredError("--broker-key or --any-broker");
        if (!words.print && words.volume.device.empty())
            throw CLI::RequiredError("--open or --print");
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? done : usage;
    }
    return run(words);
}
