using System.Text.Json;

namespace Talent.Workflows.Server.Tests.ElsaApi;

/// <summary>E-mails that workflows send.</summary>
public sealed class SendEmailTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private readonly RunningServer server = fixture.Server;

    [Fact]
    public async Task Email_WhenAWorkflowSendsIt_ThenEachRecipientGetsItOnceAndTheWorkflowGoesOn()
    {
        var id = await StartAsync("mailing", """["one@talent.example.org","two@talent.example.org","ONE@talent.example.org"]""");

        await UntilAsync(id, "finished");

        var mails = (await server.SendAsync("GET", "/dev/messages?format=json")).Is(200).Json;
        var mine = (mails.ValueKind == JsonValueKind.Array ? mails : mails.GetProperty("items")).EnumerateArray().Where(m => m.GetProperty("subject").GetString() == "关于 mailing").ToList();
        Assert.Equal(["one@talent.example.org", "two@talent.example.org"], mine.Select(m => m.GetProperty("to").GetString()).Order(StringComparer.Ordinal));
        Assert.All(mine, m => Assert.Contains("您好", m.GetProperty("text").GetString(), StringComparison.Ordinal));
        Assert.All(mine, m => Assert.DoesNotContain("<p>", m.GetProperty("text").GetString(), StringComparison.Ordinal));
    }

    [Fact]
    public async Task Email_WhenARecipientIsNoAddress_ThenNothingIsSentAndAnIncidentSaysWhich()
    {
        var id = await StartAsync("mailing-wrong", """["one@talent.example.org","nobody"]""");

        var read = await UntilAsync(id, "faulted");

        Assert.Contains("recipient 2", read.GetProperty("incidents")[0].GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Email_WhenItHasAttachments_ThenIsNotPublished()
    {
        var document = Document("mailing-files", """["one@talent.example.org"]""").Replace("\"subject\":", "\"attachments\":{\"typeName\":\"Object\",\"expression\":{\"type\":\"Object\",\"value\":\"[\\\"a.pdf\\\"]\"}},\"subject\":", StringComparison.Ordinal);

        var answer = await server.SendAsync("POST", "/api/v1/workflows/definitions?publish=true", document);

        Assert.Contains("attachments", answer.IsProblem(422, "invalid_definition").Text, StringComparison.Ordinal);
    }

    private async Task<string> StartAsync(string definition, string to)
    {
        (await server.SendAsync("POST", "/api/v1/workflows/definitions?publish=true", Document(definition, to))).Is(200);
        return (await server.SendAsync("POST", $"/api/v1/workflows/{definition}/start", "{}", headers: ("Idempotency-Key", definition))).Is(201).Json.GetProperty("id").GetString()!;
    }

    private async Task<JsonElement> UntilAsync(string id, string subStatus)
    {
        for (var attempt = 0; attempt < 40; attempt++)
        {
            var answer = (await server.SendAsync("GET", $"/api/v1/workflows/instances/{id}")).Is(200);
            if (answer.Json.GetProperty("subStatus").GetString() == subStatus)
                return answer.Json;
            await server.SendAsync("GET", $"/api/v1/workflows/instances/{id}?wait=1s", headers: ("If-None-Match", answer.ETag!));
        }
        throw new TimeoutException($"Instance {id} isn't {subStatus}.");
    }

    private static string Document(string id, string to) => $$$"""
        {"definitionId":"{{{id}}}","name":"邮件","root":{"id":"flow","type":"Elsa.Flowchart","version":1,"activities":[
          {"id":"mail","type":"Elsa.SendEmail","version":1,"to":{"typeName":"String[]","expression":{"type":"Object","value":{{{JsonSerializer.Serialize(to)}}} } },
           "subject":{"typeName":"String","expression":{"type":"Literal","value":"关于 {{{id}}}"} },
           "body":{"typeName":"String","expression":{"type":"Literal","value":"<p>您好 &amp; 谢谢</p>"} } }],"connections":[] } }
        """;
}
