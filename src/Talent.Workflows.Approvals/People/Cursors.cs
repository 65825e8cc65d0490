using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Talent.Workflows.Engine;

namespace Talent.Workflows.Approvals.People;

/// <summary>
/// Opaque signed cursors: where the next page begins, for one list. All nodes sign with one secret, and nobody else can
/// make one, so a cursor needs no checks beyond this one.
/// </summary>
public sealed class Cursors
{
    private const int SignatureBytes = 12;
    private byte[]? secret;

    /// <summary>Sets the shared secret, before the server listens.</summary>
    public void Use(byte[] shared) => secret = shared;

    /// <summary>A cursor of a list; null for the last page.</summary>
    /// <param name="list">Name of the list with what restricts it: a cursor fits no other.</param>
    public string? Write(string list, string? position)
    {
        if (position is null)
            return null;
        var bytes = Encoding.UTF8.GetBytes(position);
        return Base64Url.EncodeToString([.. Sign(list, bytes), .. bytes]);
    }

    /// <summary>The position in a cursor; null when there is none.</summary>
    /// <exception cref="WorkflowException"><c>invalid_request</c>: not a cursor of this list.</exception>
    public string? Read(string list, string? cursor)
    {
        if (string.IsNullOrEmpty(cursor))
            return null;
        if (cursor.Length <= 1000 && Base64Url.IsValid(cursor))
        {
            var bytes = Base64Url.DecodeFromChars(cursor);
            if (bytes.Length >= SignatureBytes && CryptographicOperations.FixedTimeEquals(bytes.AsSpan(0, SignatureBytes), Sign(list, bytes.AsSpan(SignatureBytes))))
                return Encoding.UTF8.GetString(bytes.AsSpan(SignatureBytes));
        }
        throw new WorkflowException(ErrorCodes.InvalidRequest, "The cursor isn't one of this list. Take it from 'next' of the page before, with the same conditions.", "分页游标无效，请使用上一页返回的 next，且查询条件不变。")
        { Facts = new Dictionary<string, object?> { ["errors"] = new[] { new ProblemError("cursor", "invalid_parameter", "分页游标无效", "not a cursor of this list") } } };
    }

    private byte[] Sign(string list, ReadOnlySpan<byte> position) =>
        HMACSHA256.HashData(secret ?? throw new InvalidOperationException("Cursors have no secret yet."), (byte[])[.. Encoding.UTF8.GetBytes(list), 0, .. position])[..SignatureBytes];
}
