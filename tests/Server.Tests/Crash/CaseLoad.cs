using System.Text.Json;
using System.Text.Json.Nodes;

namespace Talent.Workflows.Server.Tests.Crash;

/// <summary>Files cases of the flagship and takes them through their reviews; the bureau rejects them in the end.</summary>
internal sealed class CaseLoad(PatientCaller caller, Ledger ledger)
{
    private const string Applicant = "applicant-huang";
    private static readonly JsonNode Sample = JsonNode.Parse(File.ReadAllText(Path.Combine(Repository.Root, "workflows", "political-work-title", "samples", "05-huang-completed.json")))!;
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    /// <summary>Goes on until told to stop; every fourth case is left at a random stage.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            var book = await FileAsync();
            var stages = caller.Random.Next(4) == 0 ? caller.Random.Next(6) : int.MaxValue;
            while (stages-- > 0 && book.NextTask is not null)
                await MoveAsync(book);
            book.Parked = book.NextTask is not null;
        }
    }

    public async Task<CaseBook> FileAsync()
    {
        var created = (await caller.ChangeAsync("/api/v1/cases", new JsonObject { ["service"] = "political-work-title", ["data"] = Sample["phase1"]!.DeepClone() }.ToJsonString(), Applicant)).Is(201);
        var book = new CaseBook(created.Json.GetProperty("id").GetGuid());
        ledger.Cases.Add(book);
        (await caller.ChangeAsync($"/api/v1/cases/{book.Id}/confirmations/classified", "{}", Applicant)).Is(200);
        book.Confirmed = true;
        var submitted = (await caller.ChangeAsync($"/api/v1/cases/{book.Id}/submit", "{}", Applicant)).Is(200).Json;
        book.Number = submitted.GetProperty("number").GetString();
        Follow(book, submitted);
        return book;
    }

    /// <summary>Takes a case to its end.</summary>
    public async Task FinishAsync(CaseBook book)
    {
        while (book.NextTask is not null)
            await MoveAsync(book);
    }

    /// <summary>Does what the case waits for: the applicant hands in, or a reviewer decides (now and then two at once).</summary>
    private async Task MoveAsync(CaseBook book)
    {
        if (book.NextUser == Applicant)
        {
            var given = (await caller.ChangeAsync($"/api/v1/cases/{book.Id}/supplement", new JsonObject { ["data"] = Sample["phase2"]!.DeepClone(), ["note"] = "材料已补齐。" }.ToJsonString(), Applicant)).Is(200);
            book.Supplements++;
            Follow(book, given.Json);
            return;
        }
        var decision = new { outcome = book.NextUser.StartsWith("bureau", StringComparison.Ordinal) ? "reject" : "approve", opinion = "已核对申报材料。" };
        string[] reviewers = caller.Random.Next(5) == 0 ? [$"{book.NextUser}-1", $"{book.NextUser}-2"] : [$"{book.NextUser}-{caller.Random.Next(1, 3)}"];
        var answers = await Task.WhenAll(reviewers.Select(user => caller.ChangeAsync($"/api/v1/tasks/{book.NextTask}/decide", decision, user)));
        var receipts = answers.Where(answer => answer.Status == 200).Select(answer => answer.Json.Deserialize<Decision>(Json)!).ToList();
        Assert.True(receipts.Count == 1, $"Of {answers.Length} decisions on task {book.NextTask}, {receipts.Count} succeeded: {string.Join('\n', answers.Select(a => a.Text))}");
        foreach (var refused in answers.Where(answer => answer.Status != 200))
        {
            refused.IsProblem(409, "task_closed");
            Assert.Equal(receipts[0].DecidedBy, refused.Json.GetProperty("decidedBy").GetString());
        }
        book.Decisions.Add(receipts[0]);
        Follow(book, (await caller.ReadAsync($"/api/v1/cases/{book.Id}", Applicant)).Is(200).Json);
    }

    private static void Follow(CaseBook book, JsonElement view)
    {
        var stages = view.GetProperty("stages");
        Assert.True(stages.GetArrayLength() <= 1, stages.GetRawText());
        book.NextTask = stages.GetArrayLength() == 0 ? null : stages[0].GetProperty("taskId").GetGuid();
        var stage = book.NextTask is null ? "" : stages[0].GetProperty("stage").GetString()!;
        book.NextUser = stage.Split('-')[0] switch
        {
            "" => "",
            "completion" => Applicant,
            "employer" => $"{view.GetProperty("employer").GetProperty("id").GetString()}-reviewer",
            "unit" => $"{view.GetProperty("responsibleUnit").GetProperty("id").GetString()}-reviewer",
            "bureau" => "bureau-reviewer",
            _ => throw new InvalidOperationException($"The case is at '{stage}'."),
        };
    }
}
