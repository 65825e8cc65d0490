namespace Talent.Workflows.Server.Tests.Crash;

/// <summary>Several callers at once, until told to stop, and everything that is checked afterwards.</summary>
internal sealed class Load(IReadOnlyList<Node> nodes, int seed) : IDisposable
{
    private const int CaseCallers = 4;
    private const int RunCallers = 2;
    private readonly CancellationTokenSource ending = new();
    private Task callers = Task.CompletedTask;

    public Ledger Ledger { get; } = new();

    /// <summary>Imports the definition and lets the callers begin.</summary>
    public async Task BeginAsync()
    {
        (await new PatientCaller(nodes, new Ledger(), seed).ChangeAsync("/api/v1/workflows/definitions?publish=true", RunLoad.Definition)).Is(200);
        callers = Task.WhenAll([
            .. Enumerable.Range(0, CaseCallers).Select(i => new CaseLoad(Caller(i), Ledger).RunAsync(ending.Token)),
            .. Enumerable.Range(0, RunCallers).Select(i => new RunLoad(Caller(CaseCallers + i), Ledger).RunAsync(ending.Token))]);
    }

    /// <summary>Ends when so much more has been acknowledged.</summary>
    public Task MoreAsync(int count) => Ledger.MoreAsync(count, callers);

    /// <summary>Lets the callers finish what they are at, and checks everything twice: with some cases under way, and with all at their end.</summary>
    public async Task EndAsync(Npgsql.NpgsqlDataSource database)
    {
        await ending.CancelAsync();
        await callers;
        var books = new Books(database, Ledger);
        await books.SettleAsync();
        await books.CompareAsync();
        var caller = Caller(CaseCallers + RunCallers);
        foreach (var book in Ledger.Cases.Where(book => book.NextTask is not null))
        {
            // What the state of the instance waits for is exactly what the tasks say.
            var waits = (await caller.ReadAsync($"/api/v1/workflows/instances/{book.Id}")).Is(200).Json.GetProperty("waits").EnumerateArray().Select(wait => wait.GetProperty("id").GetGuid());
            Assert.Equal([book.NextTask!.Value], waits);
            await new CaseLoad(caller, Ledger).FinishAsync(book);
        }
        await books.SettleAsync();
        await books.CompareAsync();
        var (code, report) = await nodes[0].RunAsync("verify");
        Assert.True(code == 0, report);
    }

    public void Dispose() => ending.Dispose();

    private PatientCaller Caller(int number) => new(nodes, Ledger, seed + number);
}
