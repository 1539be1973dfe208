using System.Globalization;

namespace Polygate.Testing.ApiServer.Writing;

/// <summary>Times as meta/v1 writes them.</summary>
internal static class Timestamps
{
    public static string Seconds(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
