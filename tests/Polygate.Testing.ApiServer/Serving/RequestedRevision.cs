using System.Globalization;

namespace Polygate.Testing.ApiServer.Serving;

/// <summary>The <c>resourceVersion</c> parameter.</summary>
internal static class RequestedRevision
{
    /// <exception cref="ApiException">It is not a number.</exception>
    public static long Parse(string text) => text.Length == 0
        ? 0
        : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var revision)
            ? revision
            : throw ApiException.BadRequest($"resourceVersion: Invalid value: \"{text}\": strconv.ParseUint: parsing \"{text}\": invalid syntax");
}
