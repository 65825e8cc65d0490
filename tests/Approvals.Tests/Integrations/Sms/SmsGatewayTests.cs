using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Talent.Workflows.Approvals.Integrations.Sms;
using Talent.Workflows.Approvals.Messages.Channels;

namespace Talent.Workflows.Approvals.Tests.Integrations.Sms;

public sealed class SmsGatewayTests : IAsyncLifetime
{
    private static readonly Dictionary<string, string> Params = new() { ["name"] = "李示例", ["note"] = "a+b&c=d 100% ~!*'()" };

    // In the morning in Shanghai: at night no SMS is sent.
    private static readonly DateTimeOffset Morning = new(2026, 9, 21, 10, 0, 0, TimeSpan.FromHours(8));

    private static readonly DateTimeOffset Night = Morning.AddHours(13);

    private readonly SmsGatewaySimulator _nightSimulator = new("key-1", "secret-1", new ManualTime(Night));
    private readonly SmsGatewaySimulator _simulator = new("key-1", "secret-1", new ManualTime(Morning));
    private static readonly HttpClient Http = new();
    private WebApplication _app = null!;
    private string _address = "";

    public async Task InitializeAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.MapSmsGatewaySimulator(_simulator, "/sms");
        _app.MapSmsGatewaySimulator(_nightSimulator, "/night");
        _app.MapPost("/odd/{status:int}/{*body}", (int status, string? body) => Results.Text(body ?? "", "application/json", statusCode: status));
        _app.MapPost("/huge", () => Results.Text(new string('x', 1_000_000)));
        _app.MapPost("/silent", async context => await Task.Delay(Timeout.Infinite, context.RequestAborted));
        await _app.StartAsync();
        _address = _app.Urls.Single();
    }

    public async Task DisposeAsync() => await _app.DisposeAsync();

    [Fact]
    public async Task Sms_WhenTheGatewayTakesIt_ThenItHoldsTemplateSignatureAndParameters_R_INT_5()
    {
        DeliveryResult result = await SendAsync("19900000049", "e1");

        SimulatedSms sms = Assert.Single(_simulator.Delivered);
        Assert.Equal(new DeliveryResult.Sent(sms.BizId), result);
        Assert.Equal(("e1", "19900000049", "示例市人才工作局", "SMS_290010001"), (sms.OutId, sms.Phone, sms.SignName, sms.TemplateCode));
        Assert.Equal(Params, JsonSerializer.Deserialize<Dictionary<string, string>>(sms.TemplateParam));
        Assert.Contains("李示例", sms.TemplateParam, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sms_WhenItIsSentTwice_ThenItIsDeliveredOnce_R_NTF_3()
    {
        DeliveryResult first = await SendAsync("19900000049", "e1");
        DeliveryResult second = await SendAsync("19900000049", "e1");

        Assert.Equal(first, second);
        Assert.Single(_simulator.Delivered);
    }

    [Fact]
    public async Task Sms_WhenTheReplyIsLost_ThenItIsUnknownAndTheRepeatIsRecognised_R_NTF_3()
    {
        Assert.IsType<DeliveryResult.Unknown>(await SendAsync(SmsGatewaySimulator.LosingReplyNumber, "e1"));
        Assert.IsType<DeliveryResult.Sent>(await SendAsync(SmsGatewaySimulator.LosingReplyNumber, "e1"));

        Assert.Single(_simulator.Delivered);
    }

    [Fact]
    public async Task Sms_WhenTheGatewayFailsTwice_ThenTheThirdAttemptArrives_R_NTF_3()
    {
        Assert.IsType<DeliveryResult.Retry>(await SendAsync(SmsGatewaySimulator.FailingTwiceNumber, "e1"));
        Assert.IsType<DeliveryResult.Retry>(await SendAsync(SmsGatewaySimulator.FailingTwiceNumber, "e1"));
        Assert.Empty(_simulator.Delivered);
        Assert.IsType<DeliveryResult.Sent>(await SendAsync(SmsGatewaySimulator.FailingTwiceNumber, "e1"));
    }

    [Fact]
    public async Task Sms_WhenTheNumberIsRefused_ThenItIsDeadAndTheReasonDoesNotShowIt_R_NTF_4()
    {
        DeliveryResult.Dead dead = Assert.IsType<DeliveryResult.Dead>(await SendAsync(SmsGatewaySimulator.RefusedNumber, "e1"));

        Assert.Equal("isv.MOBILE_NUMBER_ILLEGAL: 199****9001 is not a mobile number.", dead.Reason);
    }

    [Fact]
    public async Task Sms_WhenTheGatewayIsBusy_ThenItsWaitIsPassedOn_R_NTF_3()
    {
        Assert.Equal(TimeSpan.FromSeconds(7), Assert.IsType<DeliveryResult.Retry>(await SendAsync(SmsGatewaySimulator.UnavailableNumber, "e1")).After);
        Assert.Equal(TimeSpan.FromMinutes(1), Assert.IsType<DeliveryResult.Retry>(await SendAsync(SmsGatewaySimulator.LimitedNumber, "e2")).After);
    }

    [Theory]
    [InlineData("key-1", "wrong", "SignatureDoesNotMatch")]
    [InlineData("other", "secret-1", "InvalidAccessKeyId.NotFound")]
    public async Task Sms_WhenTheKeyIsWrong_ThenNothingIsDeliveredAndTheMessageWaits_R_NTF_4(string key, string secret, string code)
    {
        DeliveryResult result = await SendAsync("19900000049", "e1", options: Options("/sms", key, secret));

        Assert.StartsWith(code, Assert.IsType<DeliveryResult.Retry>(result).Reason, StringComparison.Ordinal);
        Assert.Empty(_simulator.Delivered);
    }

    [Fact]
    public async Task Sms_WhenTheClockIsFarOff_ThenTheGatewayRefusesTheRequest_R_NTF_4()
    {
        DeliveryResult result = await SendAsync("19900000049", "e1", time: new ManualTime(Morning.AddHours(1)));

        Assert.StartsWith("InvalidTimeStamp.Expired", Assert.IsType<DeliveryResult.Retry>(result).Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/odd/200/", typeof(DeliveryResult.Unknown))]
    [InlineData("/odd/200/[1]", typeof(DeliveryResult.Unknown))]
    [InlineData("/odd/404/", typeof(DeliveryResult.Dead))]
    [InlineData("/odd/401/", typeof(DeliveryResult.Retry))]
    [InlineData("/odd/500/", typeof(DeliveryResult.Retry))]
    [InlineData("/odd/429/", typeof(DeliveryResult.Retry))]
    [InlineData("/huge", typeof(DeliveryResult.Unknown))]
    [InlineData("/silent", typeof(DeliveryResult.Unknown))]
    public async Task Sms_WhenTheGatewayAnswersOddly_ThenTheResultSaysWhetherToTryAgain_R_NTF_3(string path, Type expected)
    {
        SmsOptions options = Options(path);
        options.TimeoutSeconds = path == "/silent" ? 1 : 10;

        Assert.IsType(expected, await SendAsync("19900000049", "e1", options));
    }

    [Fact]
    public async Task Sms_WhenNobodyListens_ThenItIsTriedAgain_R_NTF_3()
    {
        await _app.StopAsync();

        Assert.IsType<DeliveryResult.Retry>(await SendAsync("19900000049", "e1"));
    }

    [Theory]
    [InlineData("1990000004")]
    [InlineData("２9900000049")]
    [InlineData("a@b.test")]
    public async Task Sms_WhenTheNumberIsNone_ThenItIsDeadWithoutARequest_R_NTF_3(string phone)
    {
        Assert.IsType<DeliveryResult.Dead>(await SendAsync(phone, "e1"));
        Assert.Empty(_simulator.Delivered);
    }

    [Theory]
    [InlineData("OK", typeof(DeliveryResult.Sent))]
    [InlineData("isv.SMS_TEMPLATE_ILLEGAL", typeof(DeliveryResult.Dead))]
    [InlineData("isv.SOMETHING_NEW", typeof(DeliveryResult.Dead))]
    [InlineData("isv.AMOUNT_NOT_ENOUGH", typeof(DeliveryResult.Retry))]
    [InlineData("isp.SYSTEM_ERROR", typeof(DeliveryResult.Retry))]
    [InlineData("Throttling.User", typeof(DeliveryResult.Retry))]
    public void Code_WhenTheGatewayNamesIt_ThenItIsOneOfTheResults_R_NTF_4(string code, Type expected) =>
        Assert.IsType(expected, GatewayCodes.Result(code, "", null, null));

    [Fact]
    public async Task Sms_WhenItIsNight_ThenOnlyWhatSomebodyWaitsForGoesOut_R_NTF_4()
    {
        Assert.IsType<DeliveryResult.Waiting>(await SendAsync("19900000049", "e1", Options("/night"), new ManualTime(Night)));
        Assert.IsType<DeliveryResult.Sent>(await SendAsync("19900000049", "e2", Options("/night"), new ManualTime(Night), urgent: true));

        Assert.Equal("e2", Assert.Single(_nightSimulator.Delivered).OutId);
    }

    // The provider's documentation works this request through: https://help.aliyun.com/zh/sdk/product-overview/v3-request-structure-and-signature
    [Fact]
    public void Signature_WhenTheProvidersExampleIsSigned_ThenItIsTheirs_R_NTF_4()
    {
        string bodyHash = GatewaySignature.Hash([]);
        Dictionary<string, string> headers = new()
        {
            ["host"] = "ecs.cn-shanghai.aliyuncs.com",
            ["x-acs-action"] = "RunInstances",
            ["x-acs-content-sha256"] = bodyHash,
            ["x-acs-date"] = "2023-10-26T10:22:32Z",
            ["x-acs-signature-nonce"] = "3156853299f313e23d1673dc12e1703d",
            ["x-acs-version"] = "2014-05-26",
        };
        Dictionary<string, string> query = new()
        {
            ["RegionId"] = "cn-shanghai",
            ["ImageId"] = "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd",
        };

        string authorization = GatewaySignature.Authorization("YourAccessKeyId", "YourAccessKeySecret", "POST", "/", query, headers, bodyHash);

        Assert.Equal(
            "ACS3-HMAC-SHA256 Credential=YourAccessKeyId,SignedHeaders=host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version,Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0",
            authorization);
    }

    private SmsOptions Options(string path, string key = "key-1", string secret = "secret-1") =>
        new() { Endpoint = _address + path, AccessKeyId = key, AccessKeySecret = secret, TimeoutSeconds = 10 };

    private Task<DeliveryResult> SendAsync(string phone, string id, SmsOptions? options = null, TimeProvider? time = null, bool urgent = false) =>
        new SmsChannel(Http, options ?? Options("/sms"), time ?? new ManualTime(Morning)).SendAsync(
            new Message
            {
                Id = id,
                Channel = "sms",
                To = phone,
                Urgent = urgent,
                TemplateCode = "SMS_290010001",
                SignName = "示例市人才工作局",
                Params = Params,
            },
            CancellationToken.None);
}
