/* Names for the demo company: weavers and dyers in western India, who sell
 * home textiles and fabric. Nobody in here exists. */
#include "app/demo.h"
#include "app/demo_names.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

const KnownLogin demo_users[] = {
    {"admin", "Anita Desai", "admin", DEMO_PASSWORD},
    {"manager", "Rohan Mehta", "manager", DEMO_PASSWORD},
    {"sales", "Priya Nair", "salesperson", DEMO_PASSWORD},
    {"stock", "Imran Shaikh", "inventory_manager", DEMO_PASSWORD},
    {"staff", "Kavita Joshi", "staff", DEMO_PASSWORD},
    {"operator", "Suresh Patel", "operator", DEMO_PASSWORD},
    {"viewer", "Meera Kulkarni", "viewer", DEMO_PASSWORD},
    {0},
};
const size_t demo_users_n = COUNT(demo_users) - 1;

const DemoParty demo_vendors[] = {
    {"Kiran Yarns", "supplier", "Coimbatore", "Kiran Reddy", "+91 422 555 0141", 30},
    {"Sahyadri Cotton Mills", "supplier", "Kolhapur", "Vikram Pawar", "+91 231 555 0117", 45},
    {"Narmada Spinning Co", "supplier", "Bharuch", "Hetal Shah", "+91 2642 555 014", 30},
    {"Blue Lotus Dyes", "supplier", "Ankleshwar", "Farhan Qureshi", "+91 2646 555 012", 15},
    {"Ganga Chemicals", "supplier", "Kanpur", "Alok Mishra", "+91 512 555 0133", 30},
    {"Zippers & Trims India", "supplier", "Mumbai", "Deepa Rao", "+91 22 5550 0162", 20},
    {"Parvati Packaging", "supplier", "Surat", "Nilesh Bhatt", "+91 261 555 0109", 30},
    {"Loomtech Services", "service_provider", "Ahmedabad", "Jignesh Trivedi", "+91 79 5550 0155", 15},
    {"Shree Transport", "contractor", "Vapi", "Balbir Singh", "+91 260 555 0171", 7},
    {"Himalaya Wool Traders", "supplier", "Ludhiana", "Gurpreet Gill", "+91 161 555 0128", 45},
};
const size_t demo_vendors_n = COUNT(demo_vendors);

const DemoParty demo_customers[] = {
    {"Meridian Garments Ltd", "business", "Mumbai", "Sanjay Kapoor", "+91 22 5550 0111", 30},
    {"Casa Linen", "business", "Lisbon", "Beatriz Almeida", "+351 21 555 0144", 45},
    {"Nordhem Interiors", "business", "Gothenburg", "Erik Lindqvist", "+46 31 555 0102", 60},
    {"Hotel Sagar Palace", "business", "Goa", "Maria Fernandes", "+91 832 555 0120", 30},
    {"Bright Home Stores", "business", "Pune", "Amol Deshpande", "+91 20 5550 0139", 30},
    {"Harbour & Pine", "business", "Bristol", "Olivia Turner", "+44 117 555 0163", 45},
    {"Al Noor Trading", "business", "Dubai", "Yusuf Rahman", "+971 4 555 0187", 30},
    {"Little Cloud Kidswear", "business", "Bengaluru", "Ananya Iyer", "+91 80 5550 0115", 20},
    {"Riverside Hospital", "business", "Nashik", "Dr. Leena Wagh", "+91 253 555 0126", 60},
    {"Atelier Dupont", "business", "Lyon", "Camille Dupont", "+33 4 5555 0174", 30},
    {"Sunrise Uniforms", "business", "Hyderabad", "Ravi Teja", "+91 40 5550 0198", 30},
    {"Green Valley School", "business", "Satara", "Sunita More", "+91 2162 555 013", 45},
    {"Kyoto Living", "business", "Osaka", "Haruka Tanaka", "+81 6 5555 0151", 60},
    {"Farida Contractor", "individual", "Mumbai", "Farida Contractor", "+91 98 5550 0166", 0},
    {"Thomas Becker", "individual", "Hamburg", "Thomas Becker", "+49 40 555 0182", 0},
    {"Lata Sawant", "individual", "Ichalkaranji", "Lata Sawant", "+91 98 5550 0203", 0},
    {"Iqbal Momin", "individual", "Ichalkaranji", "Iqbal Momin", "+91 98 5550 0217", 0},
    {"Shweta Kamble", "individual", "Kolhapur", "Shweta Kamble", "+91 98 5550 0224", 0},
    {"Pradeep Jain", "individual", "Sangli", "Pradeep Jain", "+91 98 5550 0239", 0},
    {"Mary D'Souza", "individual", "Ichalkaranji", "Mary D'Souza", "+91 98 5550 0246", 0},
    {"Ganesh Patil", "individual", "Miraj", "Ganesh Patil", "+91 98 5550 0258", 0},
};
const size_t demo_customers_n = COUNT(demo_customers);

const DemoProduct demo_products[] = {
    {"YARN-20S", "Cotton yarn 20s carded", "kg", "Yarn", 260, 238, 500},
    {"YARN-30S", "Cotton yarn 30s combed", "kg", "Yarn", 298, 271, 500},
    {"YARN-40S", "Cotton yarn 40s combed", "kg", "Yarn", 334, 305, 800},
    {"YARN-PV", "Polyester viscose yarn 2/30", "kg", "Yarn", 242, 219, 300},
    {"YARN-WOOL", "Wool yarn 2/48", "kg", "Yarn", 890, 812, 60},
    {"DYE-NAVY", "Reactive dye navy", "kg", "Dyes", 540, 486, 40},
    {"DYE-CRIM", "Reactive dye crimson", "kg", "Dyes", 612, 551, 40},
    {"DYE-INDIGO", "Indigo powder 94 %", "kg", "Dyes", 720, 655, 25},
    {"CHEM-SODA", "Soda ash light", "kg", "Chemicals", 42, 36.5, 400},
    {"CHEM-SOFT", "Silicone softener", "l", "Chemicals", 148, 129, 100},
    {"TRIM-ZIP50", "Nylon zipper 50 cm", "pcs", "Trims", 11.5, 9.2, 2000},
    {"TRIM-LABEL", "Woven label", "pcs", "Trims", 1.8, 1.25, 10000},
    {"PACK-BOX", "Carton 60 x 40 x 40", "pcs", "Packaging", 58, 47, 300},
    {"PACK-BAG", "Poly bag 40 x 60", "pcs", "Packaging", 2.4, 1.7, 5000},
    {"FAB-GREY", "Grey cotton fabric 150 cm", "m", "Fabric", 118, 92, 1000},
    {"FAB-POPLIN", "Dyed poplin 150 cm", "m", "Fabric", 164, 127, 800},
    {"FAB-TWILL", "Drill twill 150 cm", "m", "Fabric", 212, 168, 600},
    {"FAB-DENIM", "Indigo denim 12 oz", "m", "Fabric", 286, 224, 400},
    {"SHEET-S", "Bed sheet 60 x 90", "pcs", "Bed linen", 620, 410, 150},
    {"SHEET-D", "Bed sheet 90 x 108", "pcs", "Bed linen", 980, 655, 150},
    {"PILLOW-C", "Pillow cover 17 x 27", "pcs", "Bed linen", 145, 88, 400},
    {"DUVET-D", "Duvet cover double", "pcs", "Bed linen", 1850, 1240, 60},
    {"TOWEL-B", "Bath towel 70 x 140", "pcs", "Towels", 420, 276, 200},
    {"TOWEL-H", "Hand towel 40 x 60", "pcs", "Towels", 160, 98, 300},
    {"CURT-7", "Curtain 7 ft", "pcs", "Furnishing", 890, 590, 80},
    {"CUSH-16", "Cushion cover 16 x 16", "pcs", "Furnishing", 260, 158, 150},
    {"TABLE-6", "Table cloth for six", "pcs", "Furnishing", 740, 480, 60},
    {"APRON", "Cotton apron", "pcs", "Workwear", 310, 192, 100},
    {"COAT-LAB", "Lab coat", "pcs", "Workwear", 870, 561, 80},
    {"SCRUB-SET", "Hospital scrub set", "pcs", "Workwear", 1120, 735, 80},
};
const size_t demo_products_n = COUNT(demo_products);
const size_t demo_materials_n = 14;

const DemoLead demo_leads[] = {
    {"Nandini Rao", "nandini.rao", "Lotus Hotels"},        {"Arjun Malhotra", "a.malhotra", "Malhotra Garments"},
    {"Sofia Lindqvist", "sofia", "Nordic Nest"},           {"Kabir Anand", "kabir", "Anand Hospitals"},
    {"Pooja Chavan", "pooja.chavan", "Sunbeam Schools"},   {"David Osei", "d.osei", "Accra Interiors"},
    {"Rehana Sheikh", "rehana", "Pearl Boutique"},         {"Vivek Kulkarni", "vivek.k", "Deccan Resorts"},
    {"Marta Silva", "marta.silva", "Casa Silva"},          {"Gopal Krishnan", "gopal", "Krishna Caterers"},
    {"Emily Clarke", "emily.clarke", "Clarke and Daughter"}, {"Harpreet Singh", "harpreet", "Singh Uniforms"},
};
const size_t demo_leads_n = COUNT(demo_leads);

const char *const demo_wishes[] = {
    "Bed linen for a new wing", "Uniforms for the season", "Aprons with a logo",    "Curtains for forty rooms",
    "Towels, yearly contract",  "Table linen for a hall",  "Scrubs for three wards", "Poplin by the roll",
};
const size_t demo_wishes_n = COUNT(demo_wishes);

const char *const demo_talks[] = {
    "Ask how the samples were",   "Talk about next season",   "Send the price list",        "Answer about fastness of colours",
    "Remind of the open invoice", "Likes calls before ten",   "Show the new towel range",   "Visit the showroom",
    "Check the size chart",       "Thank for the large order", "Call about the delivery day", "Pays only after inspection",
};
const size_t demo_talks_n = COUNT(demo_talks);

const DemoIssue demo_issues[] = {
    {"Two rolls arrived wet", "delivery", "Two rolls were sent again, the carrier pays."},
    {"Shade differs from the sample", "quality", "Dyed again from the same lot as the sample."},
    {"Invoice has the old address", "billing", "A corrected invoice was sent."},
    {"Zippers jam on ten pieces", "quality", "Replaced; the vendor was told."},
    {"Nobody answered the phone for a day", "communication", "The line was repaired."},
    {"Cartons were too weak", "delivery", "Five-layer cartons from now on."},
    {"Was charged twice by card", "billing", "One of the payments was given back."},
    {"Loom 4 stops without a reason", "technical", "The sensor was cleaned and set again."},
    {"Size labels are mixed up", "quality", "Sorted at the customer's, discount of 3 %."},
};
const size_t demo_issues_n = COUNT(demo_issues);

const DemoEmployee demo_employees[] = {
    {"Anita Desai", "Management", "Owner"},         {"Rohan Mehta", "Management", "Plant manager"},
    {"Priya Nair", "Sales", "Sales executive"},     {"Imran Shaikh", "Stores", "Storekeeper"},
    {"Kavita Joshi", "Shop", "Counter clerk"},      {"Suresh Patel", "Weaving", "Loom operator"},
    {"Meera Kulkarni", "Accounts", "Accountant"},   {"Balaji Jadhav", "Weaving", "Loom operator"},
    {"Yasmin Mulla", "Dyeing", "Dye master"},       {"Tukaram Shinde", "Dyeing", "Dye house hand"},
    {"Geeta Pawar", "Stitching", "Line supervisor"}, {"Asha Lokhande", "Stitching", "Tailor"},
    {"Raju Naik", "Stitching", "Tailor"},           {"Vishal More", "Maintenance", "Fitter"},
};
const size_t demo_employees_n = COUNT(demo_employees);
