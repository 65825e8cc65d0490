using System.Text.Json;
using Microsoft.AspNetCore.Routing;
using Talent.Workflows.Approvals.Integrations.Outside;
using Talent.Workflows.Approvals.People;

namespace Talent.Workflows.Approvals.Integrations.Identity;

/// <summary>
/// An office that compares names with identity numbers, and knows everybody. What it answers otherwise follows from the sequence
/// in the number (its 15th to 17th digit). In this process it always answers; over HTTP it misbehaves too.
/// </summary>
public sealed class IdentitySimulator : IIdentityVerification
{
    /// <summary>Sequence of a number to which another name belongs.</summary>
    public const string Mismatch = "901";

    /// <summary>Sequences of numbers for which it misbehaves over HTTP.</summary>
    public const string FailsTwice = "902", Unavailable = "903", Unreadable = "904", LosesFirstReply = "905";

    /// <summary>The name that belongs to no number.</summary>
    public const string Nobody = "查无此人";

    public Task<OutsideAnswer<IdentityResult>> VerifyAsync(string requestId, string name, ResidentId number, CancellationToken cancellationToken) =>
        Task.FromResult<OutsideAnswer<IdentityResult>>(new OutsideAnswer<IdentityResult>.Answered(new IdentityResult(Belongs(name, number.Value))));

    /// <summary>Answers as the office does, at the paths of its contract below a prefix.</summary>
    public static void Map(IEndpointRouteBuilder routes, OutsideSimulator simulator, string prefix = "") => simulator.Map(routes, prefix + IdentityClient.Path, (body, _) =>
        Read(body) is not { Name: { Length: > 0 and <= 100 } name, IdNumber: { Length: ResidentId.Length } number } ? null
            : (new { result = Belongs(name, number) ? "verified" : "mismatch" }, number[14..17] switch
            {
                FailsTwice => Mischief.FailsTwice,
                Unavailable => Mischief.Unavailable,
                Unreadable => Mischief.Unreadable,
                LosesFirstReply => Mischief.LosesFirstReply,
                _ => Mischief.None,
            }));

    private static bool Belongs(string name, string number) => name != Nobody && number[14..17] != Mismatch;

    private static IdentityQuestion? Read(byte[] body)
    {
        try
        {
            return JsonSerializer.Deserialize<IdentityQuestion>(body, JsonSerializerOptions.Web);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
