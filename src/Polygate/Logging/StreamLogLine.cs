using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Polygate.Proxy.Streams;

namespace Polygate.Logging;

/// <summary>Writes the line of a connection or UDP session that is not HTTP.</summary>
internal static class StreamLogLine
{
    public static void WriteJson(Utf8JsonWriter json, in StreamLogEntry entry, DateTimeOffset now)
    {
        json.WriteStartObject();
        json.WriteString("time"u8, now.UtcDateTime);
        json.WriteString("client"u8, entry.Client.ToString());
        json.WriteString("protocol"u8, entry.Protocol);
        json.WriteString("listener"u8, entry.Listener.Keys[0].ToString());
        if (!string.IsNullOrEmpty(entry.ServerName))
        {
            json.WriteString("serverName"u8, entry.ServerName);
        }

        json.WriteNumber("durationMs"u8, entry.Duration);
        json.WriteNumber("receivedBytes"u8, entry.BytesReceived);
        json.WriteNumber("sentBytes"u8, entry.BytesSent);
        json.WriteString("route"u8, entry.Route.Route.Id);
        if (entry.Endpoint is { } endpoint)
        {
            json.WriteString("endpoint"u8, endpoint.ToString());
            json.WriteNumber("attempts"u8, entry.Attempts);
        }

        if (!string.IsNullOrEmpty(entry.Reason))
        {
            json.WriteString("reason"u8, entry.Reason);
        }

        json.WriteEndObject();
        json.Flush();
    }

    /// <summary>
    /// The Common Log Format has no place for what is no request: the protocol stands for the method, server name and listener for the target,
    /// and 200 or 502 tells whether a backend was reached.
    /// </summary>
    public static void WriteCommon(IBufferWriter<byte> line, in StreamLogEntry entry, DateTimeOffset now)
    {
        var status = entry.Endpoint is null || entry.Reason == "connect-failed" ? 502 : 200;
        var time = now.ToString("dd/MMM/yyyy:HH:mm:ss +0000", CultureInfo.InvariantCulture);
        var target = entry.ServerName + entry.Listener.Keys[0];
        Encoding.ASCII.GetBytes(
            $"{entry.Client.Address} - - [{time}] \"{entry.Protocol.ToUpperInvariant()} {target}\" {status} {entry.BytesSent}", line);
    }
}
