import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Accounts of a Salesforce org by way of the broker, with the JDK alone (11 or newer).
 *
 * <p>SFJWT_BROKER=http://127.0.0.1:7524 SFJWT_BROKER_SECRET=... java Accounts.java nightly
 */
public final class Accounts {
  public static void main(String[] words) throws Exception {
    String broker = System.getenv("SFJWT_BROKER");
    String secret = System.getenv("SFJWT_BROKER_SECRET");
    String soql = URLEncoder.encode("SELECT Name FROM Account ORDER BY Name", StandardCharsets.UTF_8);
    String path = "/v1/proxy/" + words[0] + "/services/data/v67.0/query?q=" + soql;
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(broker + path))
            .header("Authorization", "Bearer " + secret)
            .build();
    HttpResponse<String> answer =
        HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
    if (answer.statusCode() != 200) {
      System.err.println(answer.body());
      System.exit(1);
    }
    Matcher names = Pattern.compile("\"Name\":\"([^\"]*)\"").matcher(answer.body());
    while (names.find()) System.out.println(names.group(1));
  }
}
