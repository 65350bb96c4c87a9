public class Main {
  public static void main(String[] args) throws Exception {
    var in = new java.util.Scanner(System.in);
    boolean attack = in.next().equals("attack");
    while (attack) {
      var t = new Thread(() -> {
        for (;;) {
          try {
            Thread.sleep(1000);
          } catch (InterruptedException e) {
          }
        }
      });
      t.start();
    }
    System.out.println(in.nextInt() + in.nextInt());
  }
}
