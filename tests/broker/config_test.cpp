// SPDX-License-Identifier: MIT
#include "config.hpp"
#include "fixture.hpp"
#include "tpm/tpm_policy.hpp"

#include <map>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace {

using namespace keybroker;
using Json = nlohmann::json;

class ConfigTest : public testing::Test {
protected:
    ConfigTest() {
        const Bytes key = pem.private_pem();
        directory.write("broker.key", {reinterpret_cast<const char*>(key.data()), key.size()});
        directory.write("root.secret", root_secret);
        directory.write("root.json", R"({"tpm": {"any_measurement": true}})");
    }

    static Json whole() {
        return Json::parse(R"({
            "listen": ["tcp:127.0.0.1:7788", "unix:/run/broker"],
            "key": "broker.key",
            "log": "log",
            "secrets": [{"name": "root", "policy": "root.json", "secret": "root.secret"}]
        })");
    }
    tsmfd::Result<Config> read(const Json& json) {
        directory.write("broker.json", json.dump(), 0644);
        return read_config(directory.of("broker.json"));
    }
    void expect_wrong(const Json& json, std::string_view where) {
        const auto config = read(json);
        ASSERT_FALSE(config) << json.dump();
        EXPECT_NE(config.error().message().find(where), std::string::npos)
            << config.error().message();
    }

    Directory directory;
    keys::Ed25519 pem;
};

TEST_F(ConfigTest, IsRead) {
    const auto config = read(whole());
    ASSERT_TRUE(config) << config.error().message();
    EXPECT_EQ(config->listen.size(), 2U);
    EXPECT_EQ(config->log, directory.of("log"));
    EXPECT_EQ(config->refused, "");
    ASSERT_EQ(config->entries.size(), 1U);
    EXPECT_EQ(config->entries[0].name, "root");
    EXPECT_EQ(config->entries[0].secret, secret_of(root_secret));
    EXPECT_TRUE(config->entries[0].policy.tpm()->members().any_measurement);
    EXPECT_EQ(config->nonces.lifetime, std::chrono::seconds(60));
    EXPECT_EQ(config->limits.message_max, 1048576U);
}

TEST_F(ConfigTest, SaysWhatIsWrong) {
    for (const auto& [patch, where] : std::vector<std::pair<const char*, const char*>>{
             {R"({"listen": null})", "listen"},
             {R"({"listen": ["nowhere"]})", "listen"},
             {R"({"key": null})", "key"},
             {R"({"key": 1})", "key"},
             {R"({"key": "absent"})", "absent"},
             {R"({"key": "root.secret"})", "root.secret"},
             {R"({"log": null})", "log"},
             {R"({"secrets": []})", "secrets"},
             {R"({"secrets": [1]})", "secrets[0]"},
             {R"({"secrets": [{"name": "a b", "policy": "root.json", "secret": "root.secret"}]})",
              "secrets[0].name"},
             {R"({"secrets": [{"name": "root", "policy": "none", "secret": "root.secret"}]})",
              "secrets[0].policy"},
             {R"({"secrets": [{"name": "root", "policy": "root.json", "secret": "none"}]})",
              "secrets[0].secret"},
             {R"({"nonce_seconds": 0})", "nonce_seconds"},
             {R"({"nonce_seconds": 3601})", "nonce_seconds"},
             {R"({"connections": -1})", "connections"},
             {R"({"unknown": 1})", "unknown"}}) {
        Json json = whole();
        json.merge_patch(Json::parse(patch));
        expect_wrong(json, where);
    }
    expect_wrong(Json::array(), "array");
    directory.write("broker.json", "{", 0644);
    EXPECT_FALSE(read_config(directory.of("broker.json")));
    EXPECT_EQ(read_config(directory.of("absent")).error().code, ENOENT);
}

TEST_F(ConfigTest, SecretsAreTheirOwnersOnly) {
    for (const char* name : {"root.secret", "broker.key"}) {
        const std::string contents = directory.read(name);
        for (const mode_t mode : {0640U, 0604U, 0620U}) {
            directory.write(name, contents, mode);
            expect_wrong(whole(), name);
        }
        directory.write(name, contents);
    }
    EXPECT_TRUE(read(whole()));
    directory.write("root.secret", "");
    expect_wrong(whole(), "root.secret is empty");
    directory.write("root.secret", std::string((std::size_t{1} << 20) + 1, 'x'));
    expect_wrong(whole(), "root.secret");
}

} // namespace
