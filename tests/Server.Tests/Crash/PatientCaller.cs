using System.Net.Http.Json;
using System.Text;

namespace Talent.Workflows.Server.Tests.Crash;

/// <summary>A caller as it should be: it repeats what got no answer, with the same key, on the next server.</summary>
internal sealed class PatientCaller(IReadOnlyList<Node> nodes, Ledger ledger, int seed, string key = RunningServer.AdminKey)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private int turn = seed;

    public Random Random { get; } = new(seed);

    /// <summary>Sends a change with a new key until it is answered, and notes the answer when it is a success.</summary>
    public Task<Answer> ChangeAsync(string path, object body, string? user = null) => SendAsync(HttpMethod.Post, path, body, user, Guid.NewGuid().ToString());

    public Task<Answer> ReadAsync(string path, string? user = null) => SendAsync(HttpMethod.Get, path, null, user, null);

    private async Task<Answer> SendAsync(HttpMethod method, string path, object? body, string? user, string? once)
    {
        var started = TimeProvider.System.GetTimestamp();
        var last = "";
        for (var cut = false; TimeProvider.System.GetElapsedTime(started) < Patience; await Task.Delay(20))
        {
            var node = nodes[(int)((uint)turn++ % nodes.Count)];
            ledger.Requested();
            try
            {
                using var request = new HttpRequestMessage(method, path);
                request.Headers.TryAddWithoutValidation("Authorization", $"ApiKey {key}");
                if (user is not null)
                    request.Headers.TryAddWithoutValidation("Talent-User", user);
                if (once is not null)
                    request.Headers.TryAddWithoutValidation("Idempotency-Key", once);
                request.Content = body is string json ? new StringContent(json, Encoding.UTF8, "application/json") : body is null ? null : JsonContent.Create(body);
                using var response = await node.Http.SendAsync(request);
                var answer = await Answer.ReadAsync(response);
                last = $"{answer.Status} {answer.Text}";
                if (answer.Status == 503 || (answer.Status == 409 && answer.Code == "idempotency_in_flight"))
                    continue;
                if (once is not null && answer.Status is 200 or 201)
                {
                    ledger.Acknowledge();
                    if (cut && answer.Response.Headers.Contains("Idempotent-Replayed"))
                        ledger.FoundApplied();
                }
                return answer;
            }
            catch (Exception cause) when (cause is HttpRequestException or OperationCanceledException or IOException)
            {
                cut = true;
                last = cause.Message;
                ledger.CutOff();
            }
        }
        throw new TimeoutException($"{method} {path} wasn't answered: {last}");
    }
}
