using System.Globalization;
using System.Security.Cryptography;
using Talent.Workflows.Approvals.Panels;

namespace Talent.Workflows.Server.Commands;

/// <summary><c>draw verify FILE</c> and <c>draw nonce</c>: for anybody, without a server or a database.</summary>
internal static class DrawCommands
{
    /// <returns>0: the draw can be made again and is the same. 1: it isn't, or the file can't be read.</returns>
    public static async Task<int> VerifyAsync(string file, TextWriter output, CancellationToken cancellationToken)
    {
        byte[] bytes;
        try
        {
            bytes = await File.ReadAllBytesAsync(file, cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            await output.WriteLineAsync($"✗ 无法读取文件 The file can't be read: {e.Message}");
            return 1;
        }
        var checks = DrawVerification.Verify(bytes);
        foreach (var check in checks)
            await output.WriteLineAsync($"{(check.Holds ? '✓' : '✗')} {check.Zh}\n  {check.En}");
        var holds = checks.All(c => c.Holds);
        await output.WriteLineAsync(holds
            ? string.Create(CultureInfo.InvariantCulture, $"抽取属实：任何人按此记录重新抽取，结果相同。\nVERIFIED: anyone who draws again from this record gets the same.\nSHA-256 {DrawRecord.HashOf(bytes)}")
            : "抽取不属实：此记录与抽取结果不符，或已被改动。\nNOT VERIFIED: the record doesn't give this draw, or was changed.");
        return holds ? 0 : 1;
    }

    /// <summary>A nonce for a party of a draw, and the commitment to it.</summary>
    public static async Task<int> NonceAsync(TextWriter output)
    {
        var nonce = RandomNumberGenerator.GetBytes(DrawSeed.NonceBytes);
        await output.WriteLineAsync($"承诺（现在提交） commitment, to give now: {DrawSeed.Commitment(nonce)}\n随机数（保密，公布时提交） nonce, to keep until it is asked for: {Convert.ToHexStringLower(nonce)}");
        return 0;
    }
}
