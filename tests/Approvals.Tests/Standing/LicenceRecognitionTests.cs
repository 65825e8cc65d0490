using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Talent.Workflows.Approvals.Integrations.Outside;
using Talent.Workflows.Approvals.Integrations.Recognition;
using Talent.Workflows.Approvals.Standing;
using Talent.Workflows.Approvals.Tests.Cases;
using Talent.Workflows.Approvals.Tests.Integrations;
using Talent.Workflows.Approvals.Tests.Services;
using Talent.Workflows.Approvals.Tests.Why;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Outbox;

namespace Talent.Workflows.Approvals.Tests.Standing;

/// <summary>A certification whose licence is read by a service over HTTP.</summary>
public sealed class LicenceRecognitionTests : OfficeDesk
{
    private const string Metro = "emp-metro-handler", MetroName = "示例市城市运行集团有限公司", MetroCode = "91119900MA0000218L";

    private protected override Task<CaseDesk> OpenAsync(Action<IServiceCollection> add) => CaseDesk.OpenServiceAsync(ServiceFolders.All["employer-certification"], add);

    private protected override void Add(IServiceCollection services, Func<IServiceProvider, OutsideClient> client) =>
        services.AddSingleton<IDocumentRecognition>(s => new RecognitionClient(client(s)));

    private protected override void Map(IEndpointRouteBuilder routes, OutsideSimulator office) => RecognitionSimulator.Map(routes, office);

    [Fact]
    public async Task Case_WhenTheServiceIsDown_ThenItIsParkedVisiblyAndGoesOnByItself_S5_R_INT_4()
    {
        office.IsUp = false;
        var filed = await desk.FileAsync(desk.Sample("01-metro-unchanged"), await desk.LicenceAsync(Metro, MetroName, MetroCode));
        var parked = Assert.Single((await filed.WhyAsync()).WaitsFor);
        Assert.Equal(("outside_system", "parked", "recognition"), (parked.Kind, parked.State!.Code, parked.Name));
        Assert.StartsWith("等待“营业执照识别”：营业执照识别服务暂不可用", parked.TextZh, StringComparison.Ordinal);
        Assert.Equal(ErrorCodes.NotFound, (await Assert.ThrowsAsync<WorkflowException>(() => desk.Get<LicenceRecognitions>().ReadAsync(desk.As(Metro).Caller, filed.Id, default))).Code);
        for (var hour = 0; hour < 24; hour++)
        {
            desk.Time.SetTo(desk.Time.GetUtcNow().AddHours(1));
            await desk.Deliver();
        }
        Assert.DoesNotContain(await desk.Get<DeadLetters>().ListAsync(deadOnly: true, 0, 100, default), m => m.Kind == LicenceCalls.WorkKind);

        office.IsUp = true;
        desk.Time.SetTo(desk.Time.GetUtcNow().AddHours(1));
        await desk.Deliver();

        Assert.Equal("待核对", await filed.Status());
        Assert.Single(office.Answered);
        await filed.ConfirmAsync();
        Assert.Equal("已通过", await filed.Status());
    }

    [Fact]
    public async Task Recognition_WhenSomebodyElseAsks_ThenItIsNotFound_R_CASE_9()
    {
        var filed = await desk.FileAsync(desk.Sample("01-metro-unchanged"), await desk.LicenceAsync(Metro, MetroName, MetroCode));

        Assert.Equal(MetroCode, (await desk.Get<LicenceRecognitions>().ReadAsync(desk.As("bureau-reviewer-1").Caller, filed.Id, default)).CreditCode);
        Assert.Equal(ErrorCodes.NotFound, (await Assert.ThrowsAsync<WorkflowException>(() => desk.Get<LicenceRecognitions>().ReadAsync(desk.As("emp-water-handler").Caller, filed.Id, default))).Code);
    }

    [Fact]
    public async Task Question_WhenItWaits_ThenTheOutboxHoldsWhereTheValuesAreAndNoneOfThem_S5()
    {
        office.IsUp = false;
        var licence = await desk.LicenceAsync(Metro, MetroName, MetroCode);
        await desk.FileAsync(desk.Sample("01-metro-unchanged"), licence);

        var row = await desk.Scalar<string>("select convert_from(payload, 'UTF8') || last_error from engine.outbox_failed where kind = 'outside.licence'");

        Assert.Contains("data.licence", row, StringComparison.Ordinal);
        Assert.DoesNotContain(licence.ToString(), row, StringComparison.Ordinal);
    }
}
