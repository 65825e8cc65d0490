using System.Text;
using Talent.Workflows.Approvals.Employers;
using Talent.Workflows.Approvals.Integrations.Outside;
using Talent.Workflows.Approvals.Integrations.Recognition;

namespace Talent.Workflows.Approvals.Tests.Integrations.Recognition;

public sealed class RecognitionTests
{
    private static readonly byte[] Image = [0xff, 0xd8, 0xff, 0xe0];

    [Fact]
    public async Task Licence_WhenRecognised_ThenNameAndCreditCodeAreRead_R_INT_4()
    {
        await using var office = await OfficeServer.OpenAsync((routes, http, _) => RecognitionSimulator.Map(routes, http));

        var sample = await RecogniseAsync(office, DocumentKinds.BusinessLicence, Image);
        var written = await RecogniseAsync(office, DocumentKinds.BusinessLicence, [.. Image, .. Encoding.UTF8.GetBytes("""talent-simulator:{"unitName":"另一公司"}""")]);

        var fields = FieldsOf(sample);
        Assert.Equal(["unitName", "creditCode"], fields.Select(f => f.Name));
        Assert.True(UnifiedSocialCreditCode.TryParse(fields[1].Value, out _, out _));
        Assert.All(fields, f => Assert.InRange(f.Confidence, 0, 1));
        Assert.Equal("另一公司", Assert.Single(FieldsOf(written)).Value);
    }

    [Fact]
    public async Task Document_WhenOfAnyKind_ThenThereIsASampleOfIt_R_INT_4()
    {
        await using var office = await OfficeServer.OpenAsync((routes, http, _) => RecognitionSimulator.Map(routes, http));

        foreach (var kind in DocumentKinds.All)
            Assert.NotEmpty(FieldsOf(await RecogniseAsync(office, kind, Image)));
    }

    [Fact]
    public async Task PropertyCertificate_WhenRecognised_ThenHolderOwnershipPlaceNumberAndUseAreRead_S4_R_INT_4()
    {
        await using var office = await OfficeServer.OpenAsync((routes, http, _) => RecognitionSimulator.Map(routes, http));

        var sample = await RecogniseAsync(office, DocumentKinds.PropertyCertificate, Image);
        var written = await RecogniseAsync(office, DocumentKinds.PropertyCertificate, [.. Image, .. Encoding.UTF8.GetBytes("""talent-simulator:{"owner":"李示例、陈样例","ownership":"共同共有"}""")]);
        var lying = await RecogniseAsync(office, DocumentKinds.PropertyCertificate, [.. Image, .. Encoding.UTF8.GetBytes("""talent-simulator:{"upright":"180","use":"住宅"}""")], 180);

        Assert.Equal(["owner", "ownership", "location", "certificateNumber", "use"], FieldsOf(sample).Select(f => f.Name));
        Assert.Equal([("owner", "李示例、陈样例"), ("ownership", "共同共有")], FieldsOf(written).Select(f => (f.Name, f.Value)));
        Assert.Equal("住宅", Assert.Single(FieldsOf(lying)).Value);
    }

    [Fact]
    public async Task Document_WhenItHasToBeTurned_ThenTheServiceIsTold_R_CASE_5()
    {
        await using var office = await OfficeServer.OpenAsync((routes, http, _) => RecognitionSimulator.Map(routes, http));
        byte[] lying = [.. Image, .. Encoding.UTF8.GetBytes("""talent-simulator:{"upright":"90","school":"示例大学"}""")];

        Assert.Empty(FieldsOf(await RecogniseAsync(office, DocumentKinds.Diploma, lying)));
        Assert.Equal("示例大学", Assert.Single(FieldsOf(await RecogniseAsync(office, DocumentKinds.Diploma, lying, 90))).Value);
        await Assert.ThrowsAsync<ArgumentException>(() => RecogniseAsync(office, DocumentKinds.Diploma, Image, 45));
    }

    [Theory]
    [InlineData("unavailable")]
    [InlineData("unreadable")]
    public async Task Document_WhenTheServiceMisbehaves_ThenItIsUnavailable_R_INT_4(string mischief)
    {
        await using var office = await OfficeServer.OpenAsync((routes, http, _) => RecognitionSimulator.Map(routes, http));

        Assert.IsType<OutsideAnswer<RecognisedDocument>.Unavailable>(await RecogniseAsync(office, DocumentKinds.Diploma, [.. Image, .. Encoding.UTF8.GetBytes($$"""talent-simulator:{"mischief":"{{mischief}}"}""")]));
    }

    [Theory]
    [InlineData("""{"fields":[{"name":"unitName","value":"x","confidence":1.5}]}""")]
    [InlineData("""{"fields":[{"name":"unitName","value":"x"}]}""")]
    [InlineData("""{"fields":[{"name":"","value":"x","confidence":1}]}""")]
    [InlineData("""{"fields":{"unitName":"x"}}""")]
    public async Task Document_WhenTheAnswerIsntWhatTheContractSays_ThenNothingOfItIsTaken_R_INT_4(string answer)
    {
        await using var office = await OfficeServer.SayingAsync(answer);

        Assert.IsType<OutsideAnswer<RecognisedDocument>.Unavailable>(await RecogniseAsync(office, DocumentKinds.Diploma, Image));
    }

    [Theory]
    [InlineData("passport", "image/png", 4)]
    [InlineData(DocumentKinds.Diploma, "application/pdf", 4)]
    [InlineData(DocumentKinds.Diploma, "image/png", 0)]
    [InlineData(DocumentKinds.Diploma, "image/png", IDocumentRecognition.Largest + 1)]
    public async Task Document_WhenItIsNothingToRecognise_ThenNobodyIsAsked_R_INT_4(string kind, string mediaType, int bytes)
    {
        await using var office = await OfficeServer.SayingAsync("{}");

        await Assert.ThrowsAsync<ArgumentException>(() => new RecognitionClient(office.Client).RecogniseAsync("q", kind, new byte[bytes], mediaType, 0, default));
    }

    private static IReadOnlyList<RecognisedField> FieldsOf(OutsideAnswer<RecognisedDocument> answer) => Assert.IsType<OutsideAnswer<RecognisedDocument>.Answered>(answer).Value.Fields;

    private static Task<OutsideAnswer<RecognisedDocument>> RecogniseAsync(OfficeServer office, string kind, byte[] image, int rotation = 0) =>
        new RecognitionClient(office.Client).RecogniseAsync($"{kind}-{image.Length}-{rotation}", kind, image, "image/jpeg", rotation, default);
}
