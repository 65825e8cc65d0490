using Talent.Workflows.Approvals.Integrations.Outside;
using Talent.Workflows.Approvals.People.Faces;
using Talent.Workflows.Approvals.Tests.People.RealName;
using Talent.Workflows.Engine;
using static Talent.Workflows.Approvals.Tests.People.RealName.RealNameDesk;

namespace Talent.Workflows.Approvals.Tests.People.Faces;

/// <summary>微警认证: the QR token and its life, the office's word and who may give it, and what a result is good for.</summary>
public sealed class FaceCheckTests
{
    private static readonly HttpClient Http = new();

    [Fact]
    public async Task Face_WhenItBegins_ThenThereIsACodeFor180SecondsAndTheQuestionnaireAfterwards_R_ACC_4_R_INT_2()
    {
        await using var desk = await OpenAsync();
        var li = await VerifiedAsync(desk, 912);
        var begun = desk.Desk.Time.GetUtcNow();

        var check = await desk.BeginFaceAsync(Li, li, FacePurposes.LookUp);
        var view = await desk.ReadFaceAsync(Li, li, check);
        Assert.Equal(("waiting", begun.AddSeconds(180), 180), (view.State, view.ExpiresAt, view.SecondsLeft));
        Assert.StartsWith("https://", view.QrContent, StringComparison.Ordinal);
        Assert.Null(view.Alternative);

        desk.Pass(TimeSpan.FromSeconds(179));
        Assert.Equal(("waiting", 1), await desk.ReadFaceAsync(Li, li, check) is var late ? (late.State, late.SecondsLeft) : default);
        desk.Pass(TimeSpan.FromSeconds(1));
        var expired = await desk.ReadFaceAsync(Li, li, check);
        Assert.Equal(("expired", (string?)null, 0, "questionnaire"), (expired.State, expired.QrContent, expired.SecondsLeft, expired.Alternative!.Way));
        Assert.Equal("是否跳转问答测试？", expired.Alternative.Zh);
        Assert.Equal(["face_check"], expired.NextActions.Select(a => a.Action));
        Assert.Equal(0L, await desk.Desk.Scalar<long>("select count(*) from approvals.face_checks where token is not null or qr_content is not null"));
    }

    [Theory]
    [InlineData(25, "passed", null)]
    [InlineData(911, "failed", "questionnaire")]
    public async Task Face_WhenTheOfficeDoesntCall_ThenItIsAsked_R_ACC_4_R_INT_2(int sequence, string state, string? instead)
    {
        await using var desk = await OpenAsync();
        var li = await VerifiedAsync(desk, sequence);

        var check = await desk.FaceAsync(Li, li, FacePurposes.LookUp);

        Assert.Equal((state, instead), await desk.ReadFaceAsync(Li, li, check) is var view ? (view.State, view.Alternative?.Way) : default);
    }

    [Fact]
    public async Task Face_WhenItHasPassed_ThenTheResultIsGoodForOneLookUpAndNothingElse_R_ACC_4()
    {
        await using var desk = await OpenAsync();
        var (li, wang) = (await VerifiedAsync(desk, 25), await desk.RegisterAsync(Wang, "19900007702"));
        var faces = desk.Desk.Get<FaceChecks>();
        var check = await desk.FaceAsync(Li, li, FacePurposes.LookUp);

        Assert.Equal("face_required", await RefusalOf(() => faces.UseAsync(wang, check, FacePurposes.LookUp, "look-up 1", default)));
        Assert.Equal("face_required", await RefusalOf(() => faces.UseAsync(li, check, FacePurposes.Rebinding, "look-up 1", default)));
        var both = await Task.WhenAll(Enumerable.Range(1, 5).Select(i => Task.Run(async () =>
        {
            try
            {
                await faces.UseAsync(li, check, FacePurposes.LookUp, $"look-up {i}", default);
                return 1;
            }
            catch (WorkflowException)
            {
                return 0;
            }
        })));
        Assert.Equal(1, both.Sum());
        Assert.NotNull((await desk.ReadFaceAsync(Li, li, check)).UsedAt);

        var old = await desk.FaceAsync(Li, li, FacePurposes.LookUp);
        desk.Pass(TimeSpan.FromMinutes(30));
        Assert.Equal("face_required", await RefusalOf(() => faces.UseAsync(li, old, FacePurposes.LookUp, "look-up 9", default)));
    }

    [Fact]
    public async Task Callback_WhenTheOfficeCallsSeveralTimes_ThenTheFirstWordCounts_R_ACC_4_R_INT_2()
    {
        await using var desk = await OpenAsync();
        var li = await VerifiedAsync(desk, 912);
        var (first, second) = (await desk.BeginFaceAsync(Li, li, FacePurposes.LookUp), await desk.BeginFaceAsync(Li, li, FacePurposes.LookUp));
        var (token, other) = (await desk.TokenAsync(first), await desk.TokenAsync(second));

        Assert.Equal((200, 200, 200), (await CallAsync(desk.Office, token, "failed"), await CallAsync(desk.Office, token, "failed"), await CallAsync(desk.Office, token, "passed")));
        Assert.Equal("failed", (await desk.ReadFaceAsync(Li, li, first)).State);
        Assert.Equal(200, await CallAsync(desk.Office, other, "passed"));
        Assert.Equal("passed", (await desk.ReadFaceAsync(Li, li, second)).State);

        Task<int> CallAsync(OutsideSimulator office, string of, string state) => office.CallBackAsync(Http, desk.Callback, "word-1", new { token = of, state }, default);
    }

    [Fact]
    public async Task Callback_WhenItIsForgedOldLateOrOfNobody_ThenNothingPasses_R_ACC_4_R_INT_2()
    {
        await using var desk = await OpenAsync();
        var li = await VerifiedAsync(desk, 912);
        var check = await desk.BeginFaceAsync(Li, li, FacePurposes.LookUp);
        var passed = new { token = await desk.TokenAsync(check), state = "passed" };
        var time = desk.Desk.Time;

        // Another key, another secret, a date of an hour ago, no signature.
        Assert.Equal(401, await new OutsideSimulator("key-2", "secret-1", time).CallBackAsync(Http, desk.Callback, "w", passed, default));
        Assert.Equal(401, await new OutsideSimulator("key-1", "secret-2", time).CallBackAsync(Http, desk.Callback, "w", passed, default));
        Assert.Equal(401, await new OutsideSimulator("key-1", "secret-1", new ManualTime(time.GetUtcNow().AddHours(-1))).CallBackAsync(Http, desk.Callback, "w", passed, default));
        Assert.Equal(401, (int)(await Http.PostAsync(desk.Callback, new StringContent("{}"))).StatusCode);
        // Signed for one body and sent with another.
        using var swapped = new HttpRequestMessage(HttpMethod.Post, desk.Callback) { Content = new StringContent($$"""{"token":"{{passed.token}}","state":"passed"}""") };
        OutsideSignature.Sign(swapped, """{"token":"t","state":"failed"}"""u8.ToArray(), "w", "key-1", "secret-1", time.GetUtcNow());
        Assert.Equal(401, (int)(await Http.SendAsync(swapped)).StatusCode);
        // Signed well, and of no session, or no word at all.
        Assert.Equal(404, await desk.Office.CallBackAsync(Http, desk.Callback, "w", new { token = "another", state = "passed" }, default));
        Assert.Equal(400, await desk.Office.CallBackAsync(Http, desk.Callback, "w", new { passed.token, state = "waiting" }, default));
        Assert.Equal("waiting", (await desk.ReadFaceAsync(Li, li, check)).State);

        // Too late by a moment: by our clock it has expired.
        desk.Pass(TimeSpan.FromSeconds(180));
        Assert.Equal(200, await desk.Office.CallBackAsync(Http, desk.Callback, "w", passed, default));
        Assert.Equal("expired", (await desk.ReadFaceAsync(Li, li, check)).State);
        Assert.Equal("face_required", await RefusalOf(() => desk.Desk.Get<FaceChecks>().UseAsync(li, check, FacePurposes.LookUp, "look-up 1", default)));
    }

    [Fact]
    public async Task Face_WhenTheOfficeIsDownOrAskedTooOften_ThenTheQuestionnaireIsOfferedAndTheRestRefused_R_ACC_4_R_INT_2()
    {
        await using var desk = await OpenAsync();
        var (li, wang) = (await VerifiedAsync(desk, 25), await desk.RegisterAsync(Wang, "19900007702"));
        desk.Office.IsUp = false;

        var down = await Assert.ThrowsAsync<WorkflowException>(() => desk.BeginFaceAsync(Li, li, FacePurposes.LookUp));
        Assert.Equal((ErrorCodes.Unavailable, "questionnaire"), (down.Code, ((FaceAlternative)down.Facts["alternative"]!).Way));
        Assert.Equal(0L, await desk.Desk.Scalar<long>("select count(*) from approvals.face_checks"));
        Assert.Equal(ErrorCodes.WrongState, await RefusalOf(() => desk.BeginFaceAsync(Wang, wang, FacePurposes.LookUp)));
        Assert.Equal(ErrorCodes.InvalidRequest, await RefusalOf(() => desk.BeginFaceAsync(Li, li, "anything")));
        Assert.Equal(ErrorCodes.NotFound, await RefusalOf(() => desk.BeginFaceAsync(Li, wang, FacePurposes.LookUp)));

        desk.Office.IsUp = true;
        for (var i = 0; i < 19; i++)
            await desk.BeginFaceAsync(Li, li, FacePurposes.LookUp);
        Assert.Equal("face", await RefusalOf(() => desk.BeginFaceAsync(Li, li, FacePurposes.LookUp)));
    }

    /// <summary>Li, verified with a number of this sequence.</summary>
    private static async Task<Guid> VerifiedAsync(RealNameDesk desk, int sequence)
    {
        var li = await desk.RegisterAsync(Li, PhoneOfLi);
        Assert.Equal("verified", await desk.VerifyAsync(Li, li, number: PersonDesk.NumberOf(sequence)));
        return li;
    }
}
